"""The difference of two texts as `diff -u` and `git` write it."""

from __future__ import annotations

__all__ = ["unified"]

CONTEXT = 3


def unified(before: str, after: str, name: str, line: list[int]) -> str:
    r"""Return hunks for what changed in a piece, and count on the lines of both texts.

    >>> print(unified("一\n二\n", "一\n三\n", "a.txt", [1, 1]), end="")
    --- a.txt
    +++ a.txt
    @@ -1,2 +1,2 @@
     一
    -二
    +三

    `name` is "\0" after the first piece with a change, whose head names the file.
    """
    old, new = _lines(before), _lines(after)
    first_old, first_new = line
    line[0] += before.count("\n")
    line[1] += after.count("\n")
    if before == after:
        return ""
    from difflib import SequenceMatcher

    parts = [] if name == "\0" else [f"--- {name}\n+++ {name}\n"]
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT):
        start, other = group[0][1], group[0][3]
        head = f"{first_old + start},{group[-1][2] - start}"
        tail = f"{first_new + other},{group[-1][4] - other}"
        parts.append(f"@@ -{head} +{tail} @@\n")
        for tag, low, high, new_low, new_high in group:
            if tag == "equal":
                parts += [_line(" ", text) for text in old[low:high]]
                continue
            parts += [_line("-", text) for text in old[low:high]]
            parts += [_line("+", text) for text in new[new_low:new_high]]
    return "".join(parts)


def _lines(text: str) -> list[str]:
    made = text.split("\n")
    last = made.pop()
    return [part + "\n" for part in made] + ([last] if last else [])


def _line(sign: str, text: str) -> str:
    return sign + (text if text.endswith("\n") else text + "\n\\ No newline at end of file\n")
