"""Pictures made by whole numbers alone, the same on every machine, and what the reference says of them.

Measured with the reference implementation in C++ (through its Python binding `pdqhash` 0.2.8) over the same pixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Vector:
    """A picture and the reference's hashes of it, of it turned by 180 degrees, and what it derives for that turn."""

    kind: str
    rows: int
    columns: int
    quality: int
    hash: str
    of_turned: str
    derived: str


def made(kind: str, rows: int, columns: int) -> NDArray[np.uint8]:
    """Return a picture, rows x columns x 3."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.int64)
    if kind == "ripples":
        planes = [(x * x * (3 + n) + y * y * (5 - n) + x * y * 7) * 256 // (rows * columns) % 256 for n in range(3)]
    elif kind == "noise":
        planes = [_mixed(x * 73856093 ^ y * 19349663 ^ (n + 1) * 83492791) for n in range(3)]
    elif kind == "blobs":
        planes = [_blobs(x, y, n) for n in range(3)]
    else:
        patterns = {
            "stripes": x // 20 % 2 * 255,
            "squares": (x // 10 + y // 10) % 2 * 200 + 20,
            "ramp": x * 255 // (columns - 1),
        }
        planes = [patterns[kind]] * 3
    return np.stack(planes, axis=-1).astype(np.uint8)


def _mixed(number: NDArray[np.int64]) -> NDArray[np.int64]:
    mixed = number & 0xFFFFFFFF
    mixed = (mixed ^ (mixed >> 16)) * 0x45D9F3B & 0xFFFFFFFF
    return (mixed ^ (mixed >> 16)) & 255


def _blobs(x: NDArray[np.int64], y: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    rows, columns = x.shape
    total = np.zeros((rows, columns), np.int64)
    for k in range(9):
        row, column = (k * k * 37 + n * 11) % 100 * rows // 100, (k * 53 + n * 29) % 100 * columns // 100
        size = rows * columns * (k + 2) // 120
        total += np.maximum(size - ((y - row) ** 2 + (x - column) ** 2), 0) * 120 // size
    return np.minimum(total, 255)


VECTORS = (
    Vector(
        "ripples",
        64,
        64,
        100,
        "8aa23aaa63e3462ecc4e58fc79ff13c8f382030ff33f423c5ff81f30fbb00220",
        "dff7b00036f7ec84995bb2762caab922a6d7a9a1046aa8960a2db59aaef5a88a",
        "dff7b00036f7ec84995bb2762caab922a6d7a9a1046aa8960a2db59aaef5a88a",
    ),
    Vector(
        "ripples",
        100,
        75,
        100,
        "d9a813aeb708462ac47fc4eef5c065c4158ed59f55bef9fc95b8b7b004906980",
        "8cfdb904e25dec80d12a6e44a095cf6e44db7f3500eb7356c0ed1d9a55c5c33a",
        "8cfdb904e25dec80d12a6e44a095cf6e44db7f3500eb7356c0ed1d9a55c5c33a",
    ),
    Vector(
        "ripples",
        480,
        640,
        100,
        "81bd3fff6004cfff9f9d381c711843ff4f004e005c3f4c7e5cf85cf05ce04840",
        "f4fb951475554d55dac892a22545e9551ad9e4aa196ae6d409ade65a09b5e2ea",
        "d4e8957635556555ca4992b6245de9551a55e4aa196ae6d409adf65a09b5e2ea",
    ),
    Vector(
        "ripples",
        1500,
        1300,
        100,
        "9dffb344275dee000c7fa8ff29c4ab802b0eab1f2b3eab3c2b78ab302b30aa20",
        "c8aa19ff720a44aef92b12557c91412a7e5b01b57e6b41967eed419a7e650b8a",
        "ccaa19ef720a44aef92b12557c95412a7e5b01b57e6b41967e6d419a7e650b8a",
    ),
    Vector(
        "noise",
        64,
        64,
        100,
        "327acee54aa4ce83638c3e98649bba1c4a9a3579f5660d6389d725672c5887cd",
        "672d644f1dd1642936d8943231ce10b61fcd9fc3a033a7c9dc828fcd790d2d67",
        "672d644f1dd1642936d8943231ce10b61fcd9fc3a033a7c9dc828fcd790d2d67",
    ),
    Vector(
        "noise",
        333,
        77,
        100,
        "b2232dc522782a9ab0d2c1ceaef6023939001bf8b6863f7f9f4690da5ddd2b65",
        "ef66876ff72e9030a5876b64fba3a8936c55b552e3d395d5ca133a700888014f",
        "ef66876ff72e9030a5876b64fba3a8936c55b552e3d395d5ca133a700888014f",
    ),
    Vector(
        "noise",
        600,
        800,
        100,
        "dd23a8c20852c86a83fe2adf6ee80b193193da46de708cb3cbdfc182d6ab29ea",
        "987682685d0772c4d6ab80777bbda1b364c679ec8b65a6199e8a6b2883fea350",
        "987682685d0772c4d6ab80777bbda1b364c679ec8b65a6199e8a6b2883fea350",
    ),
    Vector(
        "blobs",
        129,
        257,
        100,
        "5b384e3de39d4a1829cca951dc5264a9261c6b5e4b9e1eb692d3b131b9a570f6",
        "4ccff596a6e840b21699016fcb07ce037168c1f43ecbb40ccf871b9becf09a5c",
        "0e6de497b6c8e0b07c9903fb8907ce037349c1f41ecbb41cc7861b9becf09a5c",
    ),
    Vector(
        "blobs",
        480,
        641,
        100,
        "4f5eb78c9622086961fab9528b1c64ad261e2b186b9c9cfed2d2a131ada578f6",
        "1a0b3d24c377a6c334ae13f8de4bce07734b81f03ec9b61487070b9bf8f0d25c",
        "1a0b1d24c377a2c334af13f8dec9ce07734b81b23ec9365487870b9bf8f0d25c",
    ),
    Vector(
        "blobs",
        2000,
        1400,
        96,
        "4682b514d6dd088d6132f85e8b0f34ae70569b59bb8d74bc05728bf1aaed85d6",
        "1ad71dbe83882627346752f4de5a9e04250311f3eed8dc164027215bffb82f7c",
        "1ad71dbe83882227346752f4deda9e04250311f3eed8dc164027215bffb82f7c",
    ),
    Vector(
        "ripples",
        5,
        9,
        100,
        "b1e5f3614e1a04be962cc27891ed3d9f6e13fb41b1e5f3614e1a04be972cc260",
        "e4b059cb1b4fae14c37968d2c4b897353b4651ebe4b059cb1b4fae14c27968ca",
        "e4b059cb1b4fae14c37968d2c4b897353b4651ebe4b059cb1b4fae14c27968ca",
    ),
    Vector(
        "ripples",
        31,
        40,
        100,
        "c2ce9ddd308a63fe8db09d18381761dfc7aaa700ee1e0e7ffcf8a470da602a40",
        "979b367365c7c940d0e537926d40cb7192ff0daa9b4ba4d5a9a90eda0d3580ea",
        "979b367365c7c940d0e537926d40cb7192ff0daa9b4ba4d5a9a90eda0d3580ea",
    ),
    Vector(
        "stripes",
        300,
        400,
        100,
        "80dab2b20000b2a24d5d82587577aaa75538518d4cdd73fb80d8f2f2551d00dd",
        "8ac5cd5d0000dd5da222a8452a2a55d80f254dd2a2f22fa6aac7aa6f2b22d8d5",
        "f7af1858ffff180818082af2aa22800df77fff67d988d951d58d58d80048aa77",
    ),
    Vector(
        "squares",
        300,
        400,
        100,
        "c375aaaaf615aaaac028aaaa81b5aaaa6d75aaaa453caaaa479eaaaa6e95aaaa",
        "c375aaaaf615aaaac028aaaa81b5aaaa6d75aaaa453caaaa479eaaaa6e95aaaa",
        "ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000",
    ),
    Vector(
        "ramp",
        300,
        400,
        44,
        "b71455b5d1d9715a635ef25d9d5c45acb495c594daa2a55535552955430ad586",
        "f79f7e3001ce02f9c7847f033e0779f9f3cd1899b20f3f001fde900fc3419860",
        "4241ff1f840cdbf0360b50e7c801e606e1c06f3e8fd70fef600083ff165f7f2c",
    ),
)
