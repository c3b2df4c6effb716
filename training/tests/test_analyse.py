import json
import subprocess
import zipfile
from collections import Counter

import numpy as np
import pytest
from conftest import REPOSITORY, SHARED, write_image
from PIL import Image

from mien_training import analyse
from mien_training.analysis.gathered import NO_MAJORITY, find_winners, gather
from mien_training.analysis.light import describe_pictures, measure_flat_edges
from mien_training.analysis.page import render
from mien_training.analysis.sheets import Cell, draw_sheet
from mien_training.analysis.votes import compute_entropy
from mien_training.data import LABELS, VOTE_COLUMNS, Faces, Problem
from mien_training.evaluate import find_strict_majority

RESULTS = REPOSITORY / "training" / "results" / "data"
ANGRY, FEAR, SAD = (LABELS.index(name) for name in ("angry", "fear", "sad"))


def vote(**counts):
    return [counts.get(name, 0) for name in VOTE_COLUMNS]


def make_faces(plan, images):
    """Faces from (label, index of the image, votes) each."""
    labels, indices, votes = zip(*plan, strict=True)
    names = tuple(f"{index}{letter}.png" for index, letter in zip(indices, "abcdefgh", strict=False))
    return Faces(images[list(indices)], np.array(labels), names, np.array(votes, dtype=np.uint8))


@pytest.fixture
def gathered(pictures):
    same = vote(sadness=10)
    test = [(FEAR, 0, vote(fear=9, anger=1)), (FEAR, 1, same), (SAD, 5, same)]
    train = [
        (ANGRY, 0, vote(fear=9, anger=1)),  # a copy of a test face, with another label
        (SAD, 2, same),
        (SAD, 2, same),
        (SAD, 2, vote(neutral=5, sadness=5)),
        (FEAR, 3, vote(NF=10)),
        (SAD, 4, vote(sadness=6, contempt=4)),
        (SAD, 7, vote(unknown=2, sadness=1)),  # the same photograph as 0, lighter
    ]
    return gather({"test": make_faces(test, pictures), "train": make_faces(train, pictures)})


def test_copies_are_counted_within_and_across_splits(gathered):
    copies = analyse.analyse(gathered, [])["copies"]
    assert copies["inside"]["train"] == {
        "faces": 7,
        "pictures": 5,
        "pictures that repeat": 1,
        "faces of those": 3,
        "pictures with different labels": 0,
        "faces with different labels": 0,
    }
    assert copies["inside"]["test"]["pictures"] == 3
    assert copies["across"] == {
        "train/test": {"pictures": 1, "train": 1, "test": 1, "pictures with different labels": 1}
    }
    assert copies["all"]["pictures"] == 7
    assert copies["all"]["faces with different labels"] == 2
    assert copies["conflicts"] == [["train/angry/0a.png", "test/fear/0a.png"]]
    # Four pairs: three of picture 2, of which one has the same votes; one of picture 0, with another label.
    assert copies["agreement"] == {
        "pairs": 4,
        "same label": 0.75,
        "same votes": 0.5,
        "pairs with a majority each": 2,
        "same majority": 1,
    }


def test_near_copies_show_the_same_photograph(gathered):
    near = analyse.analyse(gathered, [])["nearCopies"]
    assert near["agreement"]["pairs"] == 1
    assert near["across"]["train/test"] == {
        "pictures": 1,
        "train": 2,
        "test": 1,
        "pictures with different labels": 1,
    }
    assert near["all"]["pictures"] == 6
    assert near["all"]["faces with different labels"] == 3


def test_sizes_shrink_step_by_step(gathered):
    sizes = analyse.analyse(gathered, [])["sizes"]
    assert [step["all"] for step in sizes["copies"]["train"].values()] == [7, 6, 4, 4]
    assert [step["all"] for step in sizes["copies"]["test"].values()] == [3, 2, 2, 2]
    assert [step["all"] for step in sizes["nearCopies"]["train"].values()] == [7, 5, 3, 3]
    assert sizes["copies"]["train"]["and one of each picture"]["sad"] == 3
    assert sizes["copies"]["train"]["without copies of other splits"]["angry"] == 0


def test_conflicting_copies_within_a_split_are_removed(pictures):
    faces = make_faces([(SAD, 2, vote(sadness=9)), (FEAR, 2, vote(sadness=9)), (FEAR, 3, vote(sadness=9))], pictures)
    steps = analyse.analyse(gather({"train": faces}), [])["sizes"]["copies"]["train"]
    assert [step["all"] for step in steps.values()] == [3, 3, 2, 1]


def test_labels_are_compared_with_votes(gathered):
    votes = analyse.analyse(gathered, [])["votes"]
    matrix = votes["all"]["matrix"]
    assert matrix["columns"] == [*VOTE_COLUMNS, "no majority"]
    counts = {
        (row, column): n
        for row, values in zip(matrix["rows"], matrix["counts"], strict=True)
        for column, n in zip(matrix["columns"], values, strict=True)
        if n
    }
    assert counts == {
        ("fear", "fear"): 1,
        ("fear", "sadness"): 1,
        ("fear", "NF"): 1,
        ("angry", "fear"): 1,
        ("sad", "sadness"): 4,
        ("sad", "no majority"): 1,
        ("sad", "unknown"): 1,
    }
    fear, sad = votes["all"]["classes"]["fear"], votes["train"]["classes"]["sad"]
    assert fear["majority is the label"] == pytest.approx(1 / 3, abs=1e-6)
    assert fear["majority is one of the seven"] == pytest.approx(2 / 3, abs=1e-6)
    assert fear["of those it is the label"] == 0.5
    assert fear["votes"]["NF"] == pytest.approx(10 / 30, abs=1e-6)
    assert fear["faces with such votes"] == {"contempt": 0, "unknown": 0, "NF": 1}
    assert sad["faces"] == 5
    assert sad["faces with such votes"] == {"contempt": 1, "unknown": 1, "NF": 0}
    assert votes["all"]["classes"]["all"]["faces"] == 10
    assert votes["all"]["classes"]["happy"]["faces"] == 0


def test_entropy_is_in_bits():
    votes = np.array([vote(sadness=10), vote(sadness=5, fear=5), [1] * 10, [0] * 10], dtype=np.uint8)
    assert compute_entropy(votes) == pytest.approx([0, 1, np.log2(10), 0])


def test_winners_follow_the_strict_majority():
    votes = np.random.default_rng(3).multinomial(10, [0.3, 0.3, 0.1, 0.1, 0.05, 0.05, 0.04, 0.03, 0.02, 0.01], 500)
    winners = find_winners(votes)
    labels, mask = find_strict_majority(votes)
    names = np.array(["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"])
    assert [VOTE_COLUMNS[winner] for winner in winners[mask]] == names[labels[mask]].tolist()
    assert not np.isin(winners[~mask], [VOTE_COLUMNS.index(name) for name in names]).any()
    assert (winners == NO_MAJORITY).any()


def test_flat_edges_and_light_are_measured(pictures):
    images = pictures[:6].copy()
    images[0, :5] = 255  # top
    images[1, :, :4], images[1, :, 44:] = 0, 3  # left and right
    images[2] = images[2] // 20  # dark and faint, but not flat: two lines at most
    images[2, 46:] = 1
    images[3] = 200 + images[3] // 4
    edges = measure_flat_edges(images)
    assert edges[:, 0].tolist() == [5, 0, 0, 0]
    assert edges[:, 1].tolist() == [0, 0, 4, 4]
    assert edges[1, 2] == 2
    found = describe_pictures(Faces(images, np.zeros(6, np.int64), tuple("abcdef")))
    assert {key: found[key] for key in ("dark", "bright", "faint", "flat edge", "flat at opposite edges")} == {
        "dark": 1,
        "bright": 1,
        "faint": 2,
        "flat edge": 2,
        "flat at opposite edges": 1,
    }
    assert found["brightness"]["mean"] == pytest.approx(images.mean(), abs=1e-3)


def test_the_command_writes_a_page_charts_and_numbers(folder, votes, tmp_path, capsys):
    out = tmp_path / "out" / "analysis"
    (folder / "train/angry/broken.png").write_bytes(b"")
    assert analyse.main(["--data", str(folder), "--votes", str(votes), "--out", str(out)]) == 0
    assert {file.name for file in out.iterdir()} == {
        "README.md",
        "analysis.json",
        "counts.png",
        "agreement.png",
        "entropy.png",
    }
    found = json.loads((out / "analysis.json").read_text())
    page = (out / "README.md").read_text()
    assert found["counts"]["train"]["angry"] == 24
    assert found["unusable"] == {"count": 1, "first": ["faces/train/angry/broken.png cannot be decoded as an image"]}
    assert "| angry | 24 | 14.3% | 6 | 14.3% |" in page
    assert "- faces/train/angry/broken.png cannot be decoded as an image" in page
    assert "| neutral | 30 | 0 | 0 |" in page  # all people vote neutral
    assert found["votes"]["all"]["matrix"]["counts"][6] == [30, *[0] * 10]
    assert str(tmp_path) not in page + (out / "analysis.json").read_text()
    with Image.open(out / "agreement.png") as chart:
        assert chart.width < 900


def test_without_votes_the_page_does_not_mention_them(archive, tmp_path):
    assert analyse.main(["--data", str(archive), "--out", str(tmp_path / "out")]) == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"README.md", "analysis.json", "counts.png"}
    assert "FER+" not in (tmp_path / "out/README.md").read_text()


def test_git_ignores_pictures_of_people(folder, votes, tmp_path):
    train = folder / "train"
    copied = next((train / "angry").iterdir())
    with Image.open(copied) as image:
        write_image(train / "fear" / "again.png", np.asarray(image))
        write_image(train / "fear" / "lighter.png", np.asarray(image) // 2 + 30)
    with votes.open("a") as file:
        file.write("Training,again.png,0,0,0,0,1,0,0,4,4,1\r\nTraining,lighter.png,0,0,0,10,0,0,0,0,0,0\r\n")
    subprocess.run(["git", "init", "-q", str(tmp_path / "clone")], check=True)
    out = tmp_path / "clone" / "results"
    words = ["--data", str(folder), "--votes", str(votes), "--out", str(out), "--pictures", "--examples", "6"]
    assert analyse.main(words) == 0
    sheets = {file.stem for file in (out / "pictures").glob("*.png")}
    assert {f"class-{label}" for label in LABELS} <= sheets
    assert {"conflicts", "near-copies", "near-conflicts", "disagreement", "not-a-face", "unknown", "darkest"} <= sheets
    listed = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=tmp_path / "clone", check=True, capture_output=True, text=True
    ).stdout
    assert "results/counts.png" in listed
    assert "pictures" not in listed


def test_a_sheet_shows_every_face(pictures):
    cells = [Cell([image], ["0001", "fear, train"]) for image in pictures] * 3
    sheet = np.asarray(draw_sheet("title", "legend", cells))
    assert sheet.shape[1] <= 1400
    grey = (sheet > 0) & (sheet < 255)
    blocks = [grey[top : top + 96, left : left + 96].mean() for top, left in ((50, 12), (50, 12 + 112), (50 + 136, 12))]
    assert min(blocks) > 0.9
    single = draw_sheet("title", "legend", [Cell(list(pictures[:2]), ["a\tb"])])
    assert single.width >= 480


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "absent", "--out", "out"], "absent: no such file or folder"),
        (["--data", "faces", "--out", "text"], "text: cannot be written: File exists"),
        (["--data", "faces", "--out", "out", "--votes", "text"], "text: has no column"),
        (["--data", "faces", "--out", "out", "--max-bad-share", "0"], "1 of 211 images cannot be used"),
    ],
)
def test_mistakes_give_a_one_line_error(words, message, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder.parent)
    (folder.parent / "text").write_text("text")
    (folder / "test/sad/broken.png").write_bytes(b"x")
    assert analyse.main(words) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("warning: ")]
    assert line.startswith("error: ")
    assert message in line


def test_unusable_files_beyond_the_list_are_counted(gathered):
    result = analyse.analyse(gathered, [Problem(f"{i}.png", "is blank") for i in range(80)])
    assert result["unusable"]["count"] == 80
    assert len(result["unusable"]["first"]) == 50


def test_the_committed_page_matches_the_committed_numbers():
    found = json.loads((RESULTS / "analysis.json").read_text())
    assert (RESULTS / "README.md").read_text() == render(found)
    charts = {"counts.png", "agreement.png", "entropy.png"}
    assert {file.name for file in RESULTS.iterdir()} - {"pictures"} == {"README.md", "analysis.json", *charts}


@pytest.mark.skipif(not (SHARED / "fer2013.zip").exists(), reason="FER-2013 is not at ../shared/data")
def test_the_committed_counts_match_the_data():
    found = json.loads((RESULTS / "analysis.json").read_text())
    with zipfile.ZipFile(SHARED / "fer2013.zip") as archive:
        counts = Counter(tuple(name.split("/")[:2]) for name in archive.namelist() if name.endswith(".png"))
    assert {(split, label): found["counts"][split][label] for split, label in counts} == counts
    assert found["copies"]["across"]["train/test"]["train"] == 340
