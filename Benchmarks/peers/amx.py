"""The kernel's permission to use AMX, which a process asks for before the first use of a tile register.

Refused to a process and all that it starts, it turns a processor with AMX into one that ends with AVX-512: sana-quant,
oneDNN and OpenVINO all ask, and take their code for AVX-512 then.
"""

from __future__ import annotations

import ctypes
import platform
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, EOPNOTSUPP = 0x7FFF0000, 0x00050000, 95
# Instructions of a filter: load a word of the call's description, skip steps where it is another, return.
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
CALL_NUMBER, FIRST_ARGUMENT = 0, 16
SYS_ARCH_PRCTL, ARCH_REQ_XCOMP_PERM, TILE_DATA = 158, 0x1023, 18


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def is_permitted() -> bool:
    libc = ctypes.CDLL(None)
    return platform.machine() == "x86_64" and libc.syscall(SYS_ARCH_PRCTL, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0


def refuse() -> None:
    """Makes the kernel refuse it to this process, which must not have asked yet, and to all that it starts."""
    steps = (
        (LOAD, 0, 0, CALL_NUMBER),
        (JUMP_IF_EQUAL, 0, 3, SYS_ARCH_PRCTL),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_EQUAL, 0, 1, ARCH_REQ_XCOMP_PERM),
        (RETURN, 0, 0, SECCOMP_RET_ERRNO | EOPNOTSUPP),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW),
    )
    program = Filter(len(steps), b"".join(struct.pack("HBBI", *step) for step in steps))
    libc = ctypes.CDLL(None, use_errno=True)
    none = ctypes.c_ulong(0)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), none, none, none) != 0 or libc.prctl(
        PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(program), none, none
    ):
        raise OSError(ctypes.get_errno(), "the filter for system calls was not installed")
