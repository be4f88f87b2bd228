"""Paints a picture anew: its points and nothing else. No EXIF, no place, no thumbnail, no profile, no text, no second picture, nothing
behind its end. Runs in the child; knows no Django.
"""

import io
from typing import Final

from PIL import Image, ImageOps

from .refusals import Refused as Refused

MOST_POINTS: Final = 50_000_000
LONGEST: Final = 4096  # points on the longer side: a page of A4 can be read
MOST_BYTES: Final = 10 * 1024 * 1024
JPEG_QUALITY: Final = 88


def repainted(content: bytes) -> bytes:
    """JPEG or PNG as the picture was one, the right way up. Raises Refused (too_many_points), and whatever Pillow raises."""
    Image.MAX_IMAGE_PIXELS = None  # ours is asked before a point is decoded, and says so in a sentence
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as picture:
        if picture.width * picture.height > MOST_POINTS:
            raise Refused("too_many_points")
        is_photo = picture.format != "PNG"
        if is_photo:
            picture.draft("RGB", (LONGEST, LONGEST))  # a large photo is decoded small at once
        upright = ImageOps.exif_transpose(picture)
        has_alpha = not is_photo and ("A" in upright.getbands() or "transparency" in upright.info)
        painted = upright.convert("RGBA" if has_alpha else "L" if upright.mode in {"1", "L"} else "RGB")
    painted.thumbnail((LONGEST, LONGEST))
    # A picture made of points alone: whatever hung on the old one is not there to be written.
    bare = Image.frombytes(painted.mode, painted.size, painted.tobytes())
    if not is_photo:
        made = _written(bare, "PNG", optimize=False)
        if len(made) <= MOST_BYTES:
            return made
        ground = Image.new("RGB", bare.size, "white")
        ground.paste(bare, mask=bare.getchannel("A") if has_alpha else None)
        bare = ground
    return _written(bare, "JPEG", quality=JPEG_QUALITY)


def _written(picture: Image.Image, kind: str, **options: int | bool) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
