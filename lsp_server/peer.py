"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import os
import socket
import struct
import sys

import anyio

GONE = (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError)
"""What reading from or writing to a peer raises once it has closed the connection, or has died."""

_DARWIN_SOL_LOCAL = 0
_DARWIN_LOCAL_PEERCRED = 1


def peer_uid(connection: socket.socket) -> int:
    """Return the user id of the process at the other end, as the kernel tells it.

    Raises:
        OSError: the connection is gone or the kernel does not say.
    """
    if sys.platform == "darwin":
        # struct xucred: version (u32), uid (u32), ...; reasoned from sys/ucred.h
        data = connection.getsockopt(_DARWIN_SOL_LOCAL, _DARWIN_LOCAL_PEERCRED, 76)
        return struct.unpack_from("II", data)[1]
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", data)[1]


def is_same_user(connection: socket.socket) -> bool:
    """Whether the process at the other end runs as this process's user."""
    try:
        return peer_uid(connection) == os.getuid()
    except OSError:
        return False
