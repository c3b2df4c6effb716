"""Faces in memory, and the names of FER-2013's classes and splits and of FER+'s columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import UserError

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # FER-2013's own index order
VOTE_COLUMNS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)  # as in FER+'s fer2013new.csv; NF: not a face
SIDE = 48  # pixels
SPLITS = {"Training": "train", "PublicTest": "test", "PrivateTest": "private"}
IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp"}


class DataError(UserError):
    """Data that cannot be used; the message is one line for the user."""


@dataclass(frozen=True)
class Faces:
    """Labelled faces in memory."""

    images: np.ndarray  # uint8 [N, 48, 48], grey 0..255
    labels: np.ndarray  # int64 [N], index into LABELS
    names: tuple[str, ...]  # file name, the key of FER+'s votes
    votes: np.ndarray | None = None  # uint8 [N, 10] in the order of VOTE_COLUMNS; None: no votes were read

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.labels)

    def take(self, index: np.ndarray) -> Faces:
        """The faces at these positions, or where this mask is true, in this order."""
        names = tuple(np.asarray(self.names, dtype=object)[index])
        return Faces(self.images[index], self.labels[index], names, None if self.votes is None else self.votes[index])

    def and_then(self, others: Faces) -> Faces:
        """These faces, then `others`. If only one side has votes, the faces of the other get zero votes."""
        votes = None
        if self.votes is not None or others.votes is not None:
            zeros = [np.zeros((len(side), len(VOTE_COLUMNS)), dtype=np.uint8) for side in (self, others)]
            sides = zip((self, others), zeros, strict=True)
            votes = np.concatenate([none if side.votes is None else side.votes for side, none in sides])
        return Faces(
            np.concatenate([self.images, others.images]),
            np.concatenate([self.labels, others.labels]),
            self.names + others.names,
            votes,
        )


@dataclass(frozen=True)
class Problem:
    """A file or row that cannot be used as it is."""

    name: str
    reason: str
