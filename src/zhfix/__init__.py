"""Gives people back the Chinese text they should have had."""

from zhfix._version import __version__

__all__ = ["__version__"]
