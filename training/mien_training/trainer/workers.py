"""The processes that train together: one, or as many as torchrun started."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Workers:
    """The processes that train together: one, or as many as torchrun started."""

    rank: int
    count: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes the checkpoint and the log."""
        return self.rank == 0


def join_workers() -> Workers:
    """Read torchrun's environment variables; without them one process. Uses a GPU if there is one."""
    rank, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    cuda = torch.cuda.is_available()
    torch.backends.cudnn.benchmark = True  # safe: the shapes of a batch do not change
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if count > 1:
        torch.distributed.init_process_group("nccl" if cuda else "gloo")
    return Workers(rank, count, device)
