import zipfile

import numpy as np
import pytest
from conftest import TEST_PER_CLASS, TRAIN_PER_CLASS, write_image

from mien_training.data import LABELS, VOTE_COLUMNS, DataError
from mien_training.readers.load import load_faces


def sort_by_pixels(faces):
    order = sorted(range(len(faces)), key=lambda i: faces.images[i].tobytes())
    return faces.images[order], faces.labels[order]


def test_folder_zip_and_csv_hold_the_same_faces(folder, archive, table):
    loaded = [load_faces(path) for path in (folder, archive, table)]
    for splits in loaded:
        assert set(splits) == {"train", "test"}
        assert len(splits["train"]) == TRAIN_PER_CLASS * len(LABELS)
        assert len(splits["test"]) == TEST_PER_CLASS * len(LABELS)
    for side in ("train", "test"):
        images, labels = sort_by_pixels(loaded[0][side])
        for other in loaded[1:]:
            np.testing.assert_array_equal(sort_by_pixels(other[side])[0], images)
            np.testing.assert_array_equal(sort_by_pixels(other[side])[1], labels)


def test_folder_names_become_label_indices(folder, rows):
    faces = load_faces(folder)["train"]
    expected = {name: (label, image) for usage, name, label, image in rows if usage == "Training"}
    for name, label, image in zip(faces.names, faces.labels, faces.images, strict=True):
        assert label == expected[name][0]
        np.testing.assert_array_equal(image, expected[name][1])


def test_few_unusable_files_are_named_and_counted(folder, capsys):
    (folder / "train/angry/broken.png").write_bytes(b"not a picture")
    write_image(folder / "train/fear/large.png", np.eye(64, dtype=np.uint8))
    write_image(folder / "train/bored/a.png", np.eye(48, dtype=np.uint8))
    write_image(folder / "test/sad/blank.png", np.full((48, 48), 7, np.uint8))
    (folder / "test/sad/notes.txt").write_text("x")
    faces = load_faces(folder, max_bad_share=0.05)
    warning = capsys.readouterr().err
    assert "5 of 215 images cannot be used (2.3%, allowed 5.0%)" in warning
    assert "train/angry/broken.png cannot be decoded" in warning
    assert "train/fear/large.png is 64x64, expected 48x48" in warning
    assert 'train/bored/a.png class "bored" is unknown' in warning
    assert "test/sad/blank.png is blank" in warning
    assert "test/sad/notes.txt is not a .png" in warning
    assert len(faces["train"]) == TRAIN_PER_CLASS * len(LABELS)


def test_many_unusable_files_are_refused_in_one_line(folder):
    for number in range(12):
        (folder / f"train/happy/broken{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(
        DataError, match=r"12 of 222 images cannot be used \(5\.4%, allowed 1\.0%\).*and 7 more"
    ) as caught:
        load_faces(folder)
    assert "\n" not in str(caught.value)


def test_truncated_image_is_unusable(folder, capsys):
    file = next((folder / "train/happy").iterdir())
    file.write_bytes(file.read_bytes()[:900])
    assert len(load_faces(folder)["train"]) == TRAIN_PER_CLASS * len(LABELS) - 1
    assert f"{file.name} cannot be decoded" in capsys.readouterr().err


def test_csv_mistakes_are_named(table, capsys):
    lines = table.read_text().splitlines()
    lines[1] = "9," + lines[1].split(",", 1)[1]
    lines[2] = "0,1 2 3,Training"
    lines[3] = "0," + " ".join(["300"] * 2304) + ",Training"
    lines[4] = lines[4].replace("Training", "Practice")
    lines[5] = "0," + " ".join(["x"] * 2304) + ",Training"
    table.write_text("\n".join(lines))
    load_faces(table, max_bad_share=0.05)
    warning = capsys.readouterr().err
    assert 'row0000000 emotion "9" is not 0..6' in warning
    assert "row0000001 has 3 pixels, expected 2304" in warning
    assert "row0000002 has pixels outside 0..255" in warning
    assert 'row0000003 Usage "Practice" is unknown' in warning
    assert "row0000004 has pixels that are not numbers" in warning


def test_private_test_is_its_own_split(table):
    table.write_text(table.read_text().replace("PublicTest", "PrivateTest"))
    assert set(load_faces(table)) == {"train", "private"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: p / "absent", "no such file or folder"),
        (lambda p: (p / "empty").mkdir() or p / "empty", "expected images"),
        (lambda p: (p / "a.zip").write_text("text") and p / "a.zip", "nor a readable .zip"),
        (lambda p: (p / "a.csv").write_text("emotion,Usage\n") and p / "a.csv", "has no column pixels"),
        (
            lambda p: (p / "b.csv").write_text("emotion,pixels,Usage\n") and p / "b.csv",
            "expected images",
        ),
    ],
)
def test_errors_of_wrong_paths_name_the_expected_content(tmp_path, make, message):
    with pytest.raises(DataError, match=message):
        load_faces(make(tmp_path))


def test_a_class_without_images_is_refused(folder):
    for file in (folder / "train/disgust").iterdir():
        file.unlink()
    with pytest.raises(DataError, match="no usable image of: disgust"):
        load_faces(folder)


def test_votes_join_on_name_and_on_row(folder, table, votes, rows):
    fear = VOTE_COLUMNS.index("fear")
    expected = {name: position % 10 for position, (_, name, _, _) in enumerate(rows)}
    faces = load_faces(folder, votes)["test"]
    assert faces.votes.shape == (len(faces), 10)
    assert faces.votes[:, fear].tolist() == [expected[name] for name in faces.names]
    by_row = load_faces(table, votes)["test"]
    assert by_row.votes[:, fear].tolist() == [expected[r[1]] for r in rows if r[0] == "PublicTest"]


def test_csv_rows_without_a_name_in_fer_plus_are_dropped(table, votes):
    text = votes.read_text().replace("fer0000002.png", "")
    votes.write_text(text)
    faces = load_faces(table, votes)["train"]
    assert "row0000002" not in faces.names
    assert len(faces) == TRAIN_PER_CLASS * len(LABELS) - 1


def test_images_without_votes_are_refused(folder, votes):
    votes.write_text("\n".join(votes.read_text().splitlines()[:-20]))
    with pytest.raises(DataError, match=r"20 of 210 images cannot be used .*has no votes"):
        load_faces(folder, votes)


def test_votes_that_name_no_image_are_refused(folder, votes):
    votes.write_text(votes.read_text().replace(",fer", ",Training_"))
    with pytest.raises(DataError, match=r'votes for none of the images; "fer\d{7}\.png" is not among its names'):
        load_faces(folder, votes)


def test_images_with_votes_but_no_file_are_reported_as_missing(folder, votes, capsys):
    file = next((folder / "train/sad").iterdir())
    file.unlink()
    problems = []
    load_faces(folder, votes, problems=problems)
    assert [(p.name, p.reason) for p in problems] == [(file.name, "is missing, FER+ has votes for it")]
    assert f"{file.name} is missing" in capsys.readouterr().err
    for file in (folder / "train/happy").iterdir():
        if file.name != "fer0000003.png":
            file.unlink()
    with pytest.raises(DataError, match=r"24 of 186 images cannot be used .*is missing, FER\+ has votes for it"):
        load_faces(folder, votes)


def test_a_broken_image_is_not_also_reported_as_missing(folder, votes):
    file = next((folder / "train/sad").iterdir())
    file.write_bytes(b"")
    problems = []
    load_faces(folder, votes, problems=problems)
    assert [p.reason for p in problems] == ["cannot be decoded as an image"]


def test_names_that_occur_twice_have_no_votes(folder, votes, rows):
    _, name, label, image = rows[0]
    write_image(folder / "train" / LABELS[label + 1] / name, image)
    other = rows[9][1]
    with votes.open("a") as file:
        file.write(f"Training,{other},0,10,0,0,0,0,0,0,0,0\r\n")  # differs from the first row of that name
        file.write(f"Training,{rows[8][1]},10,0,0,0,0,0,8,0,0,0\r\n")  # equals the first row of that name
    problems = []
    faces = load_faces(folder, votes, max_bad_share=0.05, problems=problems)["train"]
    assert sorted((p.name, p.reason) for p in problems) == [
        (name, "is the name of 2 images, so its votes are ambiguous"),
        (name, "is the name of 2 images, so its votes are ambiguous"),
        (other, "has 2 rows of votes that differ"),
    ]
    without_votes = {n for n, values in zip(faces.names, faces.votes, strict=True) if not values.any()}
    assert without_votes == {name, other}


def test_faces_that_fer_plus_lists_in_another_split_are_dropped(folder, votes, rows, capsys):
    first, last = rows[0][1], rows[-1][1]
    votes.write_text(votes.read_text().replace(f"Training,{first}", f"PublicTest,{first}"))
    votes.write_text(votes.read_text().replace(f"PublicTest,{last}", f"PrivateTest,{last}"))
    faces = load_faces(folder, votes)
    assert f"train/{first} is of PublicTest in FER+" in capsys.readouterr().err
    assert first not in faces["train"].names
    assert last in faces["test"].names  # some copies of FER-2013 have one folder for both test splits


def test_a_csv_with_a_lost_row_is_refused_instead_of_shifting_votes(table, votes):
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(lines[:5] + lines[6:]))
    with pytest.raises(DataError, match=r"row0000167 is of Training here, but of test in the CSV"):
        load_faces(table, votes)
    table.write_text("".join([*lines, lines[-1]]))
    with pytest.raises(DataError, match="has 210 rows and the faces' CSV 211; expected the same rows in both"):
        load_faces(table, votes)
    table.write_text("".join(line for line in lines if "PublicTest" not in line))  # the last rows may be absent
    assert set(load_faces(table, votes)) == {"train"}


@pytest.mark.parametrize("end", [-1, -40, -3000, -9000])
def test_a_csv_cut_in_the_middle_of_a_row_is_refused(table, end):
    text = table.read_bytes().rstrip()
    table.write_bytes(text)
    assert len(load_faces(table)["test"]) == TEST_PER_CLASS * len(LABELS)  # only the last line break is missing
    table.write_bytes(text[:end])
    with pytest.raises(DataError, match=r"is cut off in row0000\d+; download the file again"):
        load_faces(table)


def test_votes_cut_in_the_middle_of_a_row_are_refused(folder, votes):
    votes.write_bytes(votes.read_bytes().rstrip()[:-4])
    with pytest.raises(DataError, match="line 211 is cut off"):
        load_faces(folder, votes)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00PNG", b"emotion,pixels,Usage\n0,\xe4,Training\n"])
def test_a_binary_file_is_refused(tmp_path, folder, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match="is not a CSV in UTF-8"):
        load_faces(path)
    with pytest.raises(DataError, match="is not a CSV in UTF-8"):
        load_faces(folder, path)


def test_kaggles_csv_with_spaces_and_another_column_order(table, rows):
    lines = [f"{label}, {usage}, {' '.join(map(str, image.ravel()))}" for usage, _, label, image in rows]
    other = table.with_name("icml_face_data.csv")
    other.write_text("\n".join(["\ufeffemotion, Usage, pixels", *lines]), encoding="utf-8")
    first, second = load_faces(table), load_faces(other)
    for side in ("train", "test"):
        np.testing.assert_array_equal(first[side].images, second[side].images)
        np.testing.assert_array_equal(first[side].labels, second[side].labels)


def test_folder_names_of_other_copies_are_read(folder, capsys):
    (folder / "train").rename(folder / "Training")
    (folder / "test").rename(folder / "PrivateTest")
    (folder / "Training/angry").rename(folder / "Training/Anger")
    (folder / "PrivateTest/fear").rename(folder / "PrivateTest/fearful")
    write_image(folder / "images/a.png", np.eye(48, dtype=np.uint8))
    faces = load_faces(folder)
    assert {name: len(side) for name, side in faces.items()} == {
        "train": TRAIN_PER_CLASS * len(LABELS),
        "private": TEST_PER_CLASS * len(LABELS),
    }
    assert "1 images are skipped, not in train/<class>/ or test/<class>/: faces/images/a.png" in capsys.readouterr().err


def test_a_zip_with_damaged_parts_names_them(archive, capsys):
    content = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as file:
        stored, sound = file.infolist()[:2]
    content[stored.header_offset + 200] ^= 0xFF  # breaks the checksum
    archive.write_bytes(content)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("train/sad/packed.png", bytes(3000))
        packed = file.getinfo("train/sad/packed.png")
    content = bytearray(archive.read_bytes())
    start = packed.header_offset + 30 + len("train/sad/packed.png")
    content[start : start + 8] = b"\xff" * 8
    archive.write_bytes(content)
    load_faces(archive, max_bad_share=0.05)
    warning = capsys.readouterr().err
    assert "2 of 211 images cannot be used" in warning
    assert f"{stored.filename} cannot be read: Bad CRC-32" in warning
    assert "train/sad/packed.png cannot be read: Error -3 while decompressing" in warning
    assert sound.filename not in warning


def test_votes_that_are_not_numbers_are_refused(folder, votes):
    votes.write_text(votes.read_text().replace(",10,", ",ten,", 1))
    with pytest.raises(DataError, match="line 2 has votes that are not whole numbers"):
        load_faces(folder, votes)
    votes.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="has no column Image name"):
        load_faces(folder, votes)
