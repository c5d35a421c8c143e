"""Old books in Traditional that `build_context.py` learns from: Project Gutenberg, public domain.

Volunteers typed or collected them, and some were converted by a machine: such are not listed
(left Simplified: 24264, 24032; always changed: 24226, 23841, 25606). Of the others each has habits
of its own, so only a few characters are learned from them, and of every book those are left out
that it often writes otherwise than what was learned from the other texts is sure of. No work
of the parallel collections is listed, in any edition.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import numpy as np
from context_learning import score
from context_texts import FEWEST_HAN, HAN

from zhfix.converting import context

if TYPE_CHECKING:
    from pathlib import Path

    from context_learning import Examples
    from numpy.typing import NDArray

#: The number of each book and the commit that is read; the repository is gutenbergbooks/NUMBER.
BOOKS = {
    "23818": "50a93ba86164a748d9690c683fdeebae3891c9e3",
    "23824": "5c96108cf2f1fe1ed5a365f7df5294d8d6dfab0f",
    "23838": "452c12b51f471a51c1e47b51e31f656fdd7edb73",
    "23839": "f850be14ebffd5cbe828003d8468176a10e5ac81",
    "23842": "4e30676792b66e7fbcb63704d547bc83b3ac7f2d",
    "23843": "55593a221c56602e89f1e749277ae8e8a320e5d4",
    "23844": "3d530921883941d48fbb59498b1030137a522c40",
    "23849": "27e6802cd3af9234cbae8e07ca49aaf6b4de19ce",
    "23855": "4fbc29e403d09a65352f2bacdcad42b30eea62d1",
    "23865": "c80553cb7cd3ddb804cdd92c64a7f59252923e00",
    "23867": "144d4a95f45c2e1d462ab76a6b04641b9fd0040b",
    "23876": "c8b0126381701f3c35aae49fdb5b265a1045ac47",
    "23877": "0ade62b5b396bc362af9ad4fa2a10019feac4bcb",
    "23938": "543b96f5a2509cb5e567a66e05260a371cc2f510",
    "23945": "70011c3060fc96c172c042706e2614b634695deb",
    "23947": "3de8f6cf758348628691609b9a2f2713a6d60e25",
    "23948": "5d0120ee6ab193509db9781ff6a72ee90af5199c",
    "23949": "fe6c3baf278b4bae49b02598685aaf8793a7ee6e",
    "23951": "33e4666bf3e6dafb2beb7e47d039f49026dc3c7c",
    "23962": "a36b0b10ed4eb7218574f08edfd3e01b07cbb07e",
    "23983": "8c4d7f8f830fab88dbe41b2d6d7a429e19cbfd60",
    "24027": "8c1d39670bc6e2da4efc928b5f81a9b8eb5ed3c4",
    "24029": "ad44e238c0220bca349f958db0e9054dc9721f69",
    "24050": "c94c6a29c8e3d71da383a2aef496ab616ae993c8",
    "24052": "2f9b061bf6196e59210e3a76f84c778b10a870ec",
    "24060": "439916239c221596ec363242aff3d78d1e07ffe2",
    "24068": "cb43eb35b40715a30e019a547a3b59ada29c36ae",
    "24099": "303de8686f13cf399b0ece9357bf517e1310fe2f",
    "24154": "130d1fba4d244051af9319e9b53594fa1817849b",
    "24185": "4c92dbbe61766c4aaa4b97727eed40bfd9e6d02e",
    "24225": "8e5fcd2363301b5d82489b0ffaa53a9c2548a6bf",
    "24227": "34481f65010dc42cf60a3b4ca548882b36d6a589",
    "25146": "91798476814576b6105f9ad743cba8139000ec06",
    "25147": "07bb9f12a1e66f5d8b64860b67d6fde4ef6c49df",
    "25252": "a59a29375794304c87d7cf278e3a1b749ea9eb5a",
    "25253": "ecb19be54c1b0d712ce0d10b3361853323ad1f2f",
    "25350": "7688471ceea2837d7884380959dd71324b036677",
    "25374": "89dfe14835c67a6c1fe8dccfcc5f62d16df6c60b",
    "25375": "d331ef7d3feccfb6f03172dc4cdb395701fc4eac",
    "25376": "6b3dfe624a57894b175065dfe40e5432fa7b8e61",
    "25391": "25882085119db106f976dceb59566944a235cb27",
    "25392": "483a223df786c439439dcf23e74fe2be072d88ea",
    "25393": "74c5a1e079f391d613650473ba95e4d3d4ef8219",
    "25421": "d9989a9fdd9bd1b86fb8021c16cf2c2cbdbe5898",
    "25422": "c376ba9fab21820ed5462e9e76fead009a28e24d",
    "25501": "8237921c53acce1175b2f238ca290a5f3071beac",
    "26886": "25f646dd37d68596a794071d6097011ef42cd883",
    "26904": "0268750aee5f5dd4485d0a2e10ac552576e843f0",
    "26920": "15e7f3bdff533d1da76c3f3618183696c341f215",
    "26921": "62e118e56e707aa7701ae9d2aaa05ba813eccf3c",
    "26922": "2d7cbe5f5dc5049acd1fc2631d3e5afa62f6bf49",
    "26997": "3722764105ae1f892a97837873821f2a7136cada",
    "27017": "78329019adcd3fd5226d6a809888fbf28666f42f",
    "27329": "6462a0bda2fd793d84691d680bb642c888adedbc",
    "27331": "07d4ef105b89c726d3696a8b0ddb6b7ed86f07ba",
    "27332": "6fe2b9fbfd45b15a94f3ff1022587ba520c275f6",
    "27399": "2362d5eab5091147d9e4cc7bcd5609b5a8e83b50",
    "27686": "adc4cead92dd90b295bcea42968a7310e2eaa0f4",
}
OWNER, LICENCE = "gutenbergbooks", "public domain (Project Gutenberg)"
#: Text is sure where one form leads by so much (a logarithm of odds). A book is not asked about a
#: character that it writes otherwise in so large a share of such places, and at least so often.
SURE, SHARE, LEAST = 2.0, 0.08, 2
#: Only these are learned from books: on works held out they gain much by it (干 most of all), and
#: for the rest spellings of old editions would cost modern text more than old text gains.
TAUGHT = "干舍岳郁彩复"
#: Of these the other texts know too little to judge a book by them.
UNJUDGED = "干"
PIECE = re.compile("[^\n]{1,200}?[。！？」；﹔]+|[^\n]{1,300}")


def books(folder: Path) -> dict[str, list[str]]:
    """Return the sentences of each book."""
    return {number: _sentences(_text(folder, number)) for number in BOOKS}


def _text(folder: Path, number: str) -> str:
    command = ["git", "-C", str(folder / number), "show", f"{BOOKS[number]}:{number}-0.txt"]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def _sentences(text: str) -> list[str]:
    """Join the lines of each paragraph, which begins after an empty line or with a space."""
    paragraphs = [""]
    for line in text.split("\n"):
        inner = line.strip(" \u3000\t\r")
        if not inner or line[0] in " \u3000\t":
            paragraphs.append("")
        paragraphs[-1] += inner
    pieces = (piece for paragraph in paragraphs for piece in PIECE.findall(paragraph))
    return [piece for piece in pieces if len(HAN.findall(piece)) >= FEWEST_HAN]


def trusted(book: Examples, values: NDArray[np.float32]) -> Examples:
    """Keep the characters that books teach, but for those that this one writes in its own way.

    `values` are the weights that were learned from the other texts.
    """
    kept = [_places(book, char, values) for char in TAUGHT]
    return book.part(np.logical_or.reduce(kept))


def _places(book: Examples, char: str, values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return where a book has a character, or nowhere if the book has a habit of its own."""
    table = context.ambiguous("Hant")
    here = (book.forms == table.forms[table.row[ord(char)]]).all(axis=1)
    if char in UNJUDGED or not here.any():
        return here
    some = book.part(here)
    scores = score(values, some)
    ordered = np.sort(scores, axis=1)
    sure = ordered[:, -1] - ordered[:, -2] > SURE
    against = int((sure & (scores.argmax(axis=1) != some.label)).sum())
    return here & (against < max(LEAST, SHARE * int(sure.sum())))
