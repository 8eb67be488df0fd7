"""The journal is kept, and what leaves this machine carries no key, no path and no name on a list."""

from __future__ import annotations

import getpass
import io
import socket
import string
from datetime import datetime

import journal
import matplotlib.pyplot as plt
import progress
import pytest
import redact as net
import weekly_post
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from redact import redact
from weekly_post import export_week

QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WEEK = "2026-W48"


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """A data folder of its own, and a machine and a user whose names we know."""
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(progress, "_waiting", [])
    monkeypatch.setattr(getpass, "getuser", lambda: "lovelace")
    monkeypatch.setattr(socket, "gethostname", lambda: "engine7.analytical.lan")
    return tmp_path / "data"


def in_week(what: str, text: str, day: int = 24) -> None:
    at = datetime(2026, 11, day, 12).astimezone().isoformat()
    progress.log("journal", what=what, text=text, t=at)


# --- the journal -------------------------------------------------------------------------------------


def test_what_is_given_is_logged(capsys):
    journal.journal(win=" cosine works ", confusion="why k?")
    assert [(r["what"], r["text"]) for r in progress.records("journal")] == [
        ("win", "cosine works"),
        ("confusion", "why k?"),
    ]
    assert "Kept: win, confusion." in capsys.readouterr().out


def test_empty_text_is_not_logged(capsys):
    journal.journal(win="  ")
    assert progress.records() == []
    assert "nothing is kept" in capsys.readouterr().out


def test_the_form_keeps_what_is_typed_and_empties_itself():
    form = journal.Page()
    form.fields["struggle"].value = "einsum"
    form.keep.click()
    assert [(r["what"], r["text"]) for r in progress.records("journal")] == [("struggle", "einsum")]
    assert form.fields["struggle"].value == ""
    assert "Kept: struggle." in form.feedback.value
    form.keep.click()
    assert len(progress.records()) == 1


def test_the_still_form_is_the_same_every_time_and_names_its_questions():
    stills = [
        {kind: text for kind, text in journal.Page()._repr_mimebundle_().items() if "widget" not in kind}
        for _ in range(2)
    ]
    assert stills[0] == stills[1]
    assert set(stills[0]) == {"text/plain", "text/html"}
    assert all(question in stills[0]["text/html"] for question in weekly_post.QUESTIONS.values())
    assert any("widget" in kind for kind in journal.Page()._repr_mimebundle_())


# --- redaction ---------------------------------------------------------------------------------------

SECRETS = [
    "sk-ant-api03-AbC_d-9xYz0123456789",
    "sk-proj-Abc123Def456Ghi789",
    "sk-Abc123Def456Ghi789Jkl",
    "sk-ant-x1",
    "sk-abcdefghij1k",
    "sk-abcdefghijklmnopqrstuvwxyz",
    "ghp_0123456789abcdefABCDEF0123456789abcd",
    "github_pat_11ABCDEFG0123456789_abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "hf_AbCdEfGhIjKlMnOpQrStUvWxYz",
    "xoxb-1234567890-abcdef",
    "AIzaSyA-0123456789abcdefghijklmnop",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123",
    "ada.b+c@mail.example.co.uk",
    "/home/lovelace/notes/secret.md",
    "/home/lovelace/My Notes/secret.md",
    "/Users/Ada/Documents/x.ipynb",
    "/root/.ssh/id_rsa",
    "/tmp/run/x",
    "~/work/plan.txt",
    "file:///home/x/y.html",
    r"C:\Users\Ada Lovelace\Documents\x.txt",
    "D:/work/ground-up/x.py",
    r"\\server\share\budget.xlsx",
    "lovelace",
    "engine7",
    "engine7.analytical.lan",
]


AROUND = (
    "{}",
    "see {}.",
    "({})",
    '"{}"',
    "`{}`",
    "key={}",
    "a: {}, b",
    "**{}**",
    "_{}_",
    "[x]({})",
    "{}\n{}",
    "host:{}",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_of_a_secret_is_left(secret):
    for around in (*AROUND, *(["日{}本"] if secret[0] in "/\\" else [])):
        text = around.replace("{}", secret)
        clean, count = redact(text)
        assert secret not in clean
        telling = ("AbC", "Abc1", "0123", "lovelace", "Lovelace", "secret", "budget", "engine")
        assert not any(part in clean for part in telling)
        assert count.total() >= text.count(secret) > 0


@pytest.mark.parametrize(
    "text, gone",
    [
        ("Authorization: Bearer abc.def-123456", "abc.def"),
        ("curl -H 'x-api-key: tiger-lily-9'", "tiger"),
        ('{"api_key": "correct horse battery"}', "horse"),
        ("password=hunter22", "hunter"),
        ("postgres://ada:hunter22@db.example.org/x", "hunter"),
        ("http://ada:hunter22@localhost:5432/x", "hunter"),
        ('open("/home/ada/My very long folder name/a telling title.md")', "telling"),
        ("file:///weird/telling.md", "telling"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----", "MIIE"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "MIIE"),
        ("LOVELACE's laptop", "LOVELACE"),
        ("lovelace_notes", "lovelace"),
        ("https://example.org/home/lovelace/x", "x"),
        ("sk\u200b-ant-api03-AbCdEf", "AbCd"),
    ],
)
def test_secrets_in_disguise(text, gone):
    clean, count = redact(text)
    assert gone not in clean.replace("example", "")
    assert count.total() > 0


@pytest.mark.parametrize(
    "text",
    [
        "A cosine of 0.5, and/or 3/4: see https://example.org/docs/home-page and 01_linear_algebra/01_vectors.ipynb.",
        "scikit-learn, sk-learn, hf_hub, task-based, a bearer of news, basic idea; the secret of attention: look.",
        "POST `/v1/messages`, ratio a/b, 10:30, C: the language, `x /= 2`, `a // b`, 5 \\ 3, $\\frac{a}{b}$, \\alpha",
        "the key of a token; keys and values; tokens: 512, `softmax(Q @ K.T)`, x@y",
        "root of the equation, the user asks, a lovelacean idea",
    ],
)
def test_ordinary_text_stays_as_it_is(text):
    assert redact(text) == (text, {})


def test_the_values_of_secret_variables_go_whatever_they_look_like(monkeypatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "quiet-river-stone")
    assert redact("I used quiet-river-stone, inside: xquiet-river-stoney")[0] == "I used [key], inside: x[key]y"


def test_names_on_the_private_list_go(empty):
    empty.mkdir()
    (empty / "private.txt").write_text("\ufeffAcme Corp\n\n  Zoë  \nant\nAcme\nC++ team\n", "utf-8")
    clean, count = redact(
        "ACME corp and Acme\nCorp and acme's, Zoe\u0308, zoë; the C++ team; sk-ant-abcdef; plants stay"
    )
    assert clean == "[name] and [name] and [name]'s, [name], [name]; the [name]; [key]; plants stay"
    assert count == {"name": 6, "key": 1}
    assert redact("only Bob", private=["bob"])[0] == "only [name]"


def test_a_private_list_that_cannot_be_read_is_not_an_empty_one(empty, tmp_path):
    empty.mkdir()
    (empty / "private.txt").write_bytes("Zoë".encode("latin-1"))
    in_week("win", "Zoë helped")
    with pytest.raises(UnicodeDecodeError):
        export_week(tmp_path / "post.md", week=WEEK)
    assert not (tmp_path / "post.md").exists()


@QUIET
@given(before=st.text(max_size=30), name=st.text("abcdefgh éß-.+", min_size=3, max_size=12), after=st.text(max_size=30))
@example(before="", name="a.b", after="")
@example(before="(", name="ab+", after=")")
def test_a_private_name_between_blanks_never_survives(before, name, after):
    clean, _ = redact(f"{before} {name} {after}", private=[name])
    bare = name.strip()
    assert not bare or f" {bare} " not in clean


@QUIET
@given(
    prefix=st.sampled_from(["sk-ant-", "ghp_", "hf_", "AKIA", "Bearer "]),
    token=st.text(string.ascii_uppercase + string.digits, min_size=16, max_size=40),
    before=st.text(" \n.,;:()[]{}<>|*#!?'\"`-/", max_size=8),
    after=st.text(" \n.,;:()[]{}<>|*#!?'\"`/", max_size=8),
)
def test_a_key_never_survives_whatever_surrounds_it(prefix, token, before, after):
    assert token not in redact(before + prefix + token + after)[0]


@QUIET
@given(
    top=st.sampled_from(["/home/", "/Users/", "C:\\Users\\", "D:/", "/root/", "~/"]),
    parts=st.lists(
        st.text(string.ascii_letters + string.digits + "_-.", min_size=4, max_size=9), min_size=1, max_size=4
    ),
    before=st.sampled_from(["", " ", "(", "\n", "`", '"', "=", ", ", "<"]),
)
def test_no_part_of_a_path_survives(top, parts, before):
    path = top + ("\\" if "\\" in top else "/").join(parts)
    clean = redact(f"{before}{path}")[0]
    assert not any(
        part.strip(".") in clean for part in parts if len(part.strip(".")) > 3 and part.lower() not in "[path]"
    )


@QUIET
@given(st.text(max_size=200))
def test_twice_is_once(text):
    once = redact(text)[0]
    assert redact(once) == (once, {})


# --- the post ----------------------------------------------------------------------------------------


def test_a_post_has_the_week_the_number_and_the_open_confusion(tmp_path, capsys):
    in_week("win", "cosine, on my own")
    in_week("confusion", "an older one", day=23)
    in_week("confusion", "why is √d there?", day=25)
    in_week("win", "another week", day=16)
    progress.log(
        "check", notebook="vectors", name="cosine", status="solved", source="s", key="k",
        t=datetime(2026, 11, 26, 12).astimezone().isoformat(),
    )  # fmt: skip
    file = export_week(tmp_path / "post.md", number="cosine: 81 ns a pair", week=WEEK)
    text = file.read_text("utf-8")
    assert text.startswith("# Week 48 of 2026\n")
    assert "cosine, on my own" in text
    assert "`cosine` (vectors): unaided" in text
    assert "81 ns" in text
    assert "why is √d there?" in text
    assert "an older one" not in text
    assert "another week" not in text
    assert "Redacted: 0" in capsys.readouterr().out


def test_everything_is_redacted_before_anything_is_written(tmp_path, capsys):
    in_week("win", "used sk-ant-api03-abcdef in /home/lovelace/x")
    in_week("struggle", "ask ada@example.org, says Grace")
    file = export_week(
        tmp_path, number="5 s on engine7", confusion="hf_abcdefgh1 of Grace?", week=WEEK, private=["grace"]
    )
    text = file.read_text("utf-8")
    assert file.name == "2026-W48.md"
    assert not any(word in text for word in ("sk-ant", "lovelace", "example.org", "Grace", "engine7", "hf_"))
    assert "Redacted: 7 (1 × e-mail, 1 × host, 2 × key, 2 × name, 1 × path)" in capsys.readouterr().out


def test_an_existing_post_is_never_touched(tmp_path):
    in_week("win", "first")
    first = export_week(tmp_path / "post.md", week=WEEK)
    kept = first.read_bytes()
    in_week("win", "second")
    assert [export_week(tmp_path / "post.md", week=WEEK).name for _ in range(2)] == ["post-2.md", "post-3.md"]
    assert first.read_bytes() == kept


def test_posts_go_to_the_data_folder_by_default(empty):
    assert export_week(week=WEEK) == empty / "posts" / "2026-W48.md"
    assert export_week(week=WEEK).name == "2026-W48-2.md"


def test_the_figure_is_copied_without_what_programs_write_into_it(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Ada Lovelace")
    Image.new("RGB", (3, 2), "red").save(tmp_path / "ada.png", pnginfo=info)
    with open(tmp_path / "ada.png", "ab") as stream:
        stream.write(b"trailing secret")
    file = export_week(tmp_path / "ada.md", figure=tmp_path / "ada.png", week=WEEK)
    copied = (tmp_path / "2026-W48.png").read_bytes()
    assert b"Lovelace" not in copied
    assert b"secret" not in copied
    assert Image.open(io.BytesIO(copied)).getpixel((0, 0)) == (255, 0, 0)
    assert "(2026-W48.png)" in file.read_text("utf-8")
    assert "(2026-W48-2.png)" in export_week(tmp_path / "ada.md", figure=tmp_path / "ada.png", week=WEEK).read_text()


def test_a_matplotlib_figure_will_do(tmp_path):
    figure, axes = plt.subplots(figsize=(1, 1))
    axes.plot([0, 1])
    export_week(tmp_path / "p.md", figure=figure, week=WEEK)
    plt.close(figure)
    copied = (tmp_path / "2026-W48.png").read_bytes()
    assert Image.open(io.BytesIO(copied)).width > 50
    assert b"Software" not in copied


@pytest.mark.parametrize("wrong", [{"week": "48"}, {"week": "2026-W54"}, {"figure": 3}, {"figure": "text.png"}])
def test_what_cannot_be_exported_writes_nothing(wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match="week must be|figure must be"):
        export_week(tmp_path / "out" / "p.md", **{"week": WEEK} | wrong)
    assert not (tmp_path / "out").exists()


def test_accounts_that_name_nobody_are_no_names(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "root")
    assert "root" not in net.people()
