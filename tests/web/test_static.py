"""What a browser gets of our sheets and scripts: without what only a reader of the source needs."""

from pathlib import Path

import intakebot.web
from intakebot.web import static

FOLDER = Path(intakebot.web.__file__).parent / "static"


def test_comments_and_indents_stay_here() -> None:
    css = b"/* Why\n   so. */\n.a {\n  color: red; /* warm */\n}\n"
    js = b"// Why.\nif (a) {\n  // so\n  b(`http://c`); // goes\n}\n"

    assert static.lean(css, "css") == b".a{color:red}"
    assert static.lean(js, "js") == b"if (a) {\nb(`http://c`);\n}\n"


def test_ours_are_lean_and_those_of_others_are_whole() -> None:
    served = static.read().by_path
    ours = {it: file.plain for it, file in served.items() if it.endswith(("css", "js"))}

    assert {it for it, plain in ours.items() if not it.startswith("vendor/") and b"/*" in plain} == set()  # fmt: skip
    for path in (it for it in ours if it.startswith("vendor/")):
        assert ours[path] == (FOLDER / path).read_bytes()


def test_a_script_names_others_by_their_address() -> None:
    served = static.read()
    chat = served.by_path["chat/chat.js"].plain.decode()
    aloud = served.by_path["chat/aloud.js"].plain.decode()

    assert f'import("{served.address("chat/aloud.js")}")' in chat
    assert f"{served.address('pictures/later.svg')}#" in aloud
    assert "static:" not in chat + aloud
