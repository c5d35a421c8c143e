"""Modules that every process of a pool needs: imported once, before the processes are made."""

from __future__ import annotations

import importlib

for _name in (
    "zhfix.command.job",
    "zhfix.command.formats.plain",
    "zhfix.converting.converter",
    "zhfix.decoding",
    "zhfix.decoding.detect",
    "zhfix.repairing",
    "zhfix.rows",
    "zhfix.stripping.boilerplate",
):
    importlib.import_module(_name)
