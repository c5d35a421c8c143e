"""Placeholder."""
from dataclasses import dataclass
@dataclass(frozen=True)
class Strip:
    preset: str = "news"
    def __call__(self, document):
        return ()
def stage(*, preset="news"):
    return Strip(preset)
