"""Pictures for the screenshots, drawn here: landscapes, still lifes, posters, a film, a sound and a paper.

Nothing of it is anybody else's, and every run draws the same.
"""

import io
import math
import random
from collections.abc import Iterator, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.support.media import a_pdf, a_sound

Colour = str
Size = tuple[int, int]
TWICE = 2  # drawn larger, for smooth edges


def gradient(size: Size, colours: Sequence[Colour]) -> Image.Image:
    """From the top colour to the bottom one, through those between."""
    strip = Image.new("RGB", (1, len(colours)))
    for y, colour in enumerate(colours):
        strip.paste(Image.new("RGB", (1, 1), colour), (0, y))
    return strip.resize(size, Image.Resampling.BICUBIC)


def glow(picture: Image.Image, at: tuple[float, float], radius: float, colour: Colour, strength: float = 1.0) -> None:
    """Light around a point, of which nothing is left at the radius."""
    light = ImageChops.invert(Image.radial_gradient("L")).resize((round(radius * 2),) * 2)
    # The gradient is not yet at its end where the square has its edges.
    light = light.point(lambda value: round((max(value - 76, 0) / 179) ** 2 * 255 * strength))
    picture.paste(Image.new("RGB", light.size, colour), (round(at[0] - radius), round(at[1] - radius)), light)


def ridge(chance: random.Random, width: int, rough: float) -> list[float]:
    """Heights along a line, from -1 to 1: waves upon waves."""
    waves = [(rough**octave, chance.uniform(1, 2) * 2**octave, chance.uniform(0, 7)) for octave in range(7)]
    total = sum(height for height, _, _ in waves)
    return [
        sum(height * math.sin(x / width * frequency * 3 + start) for height, frequency, start in waves) / total
        for x in range(width)
    ]


def below(heights: Sequence[float], level: float, swing: float, bottom: float) -> list[tuple[float, float]]:
    """The outline of everything under a ridge."""
    line = [(x, level + swing * height) for x, height in enumerate(heights)]
    return [(0, bottom), *line, (len(heights), bottom)]


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def finished(picture: Image.Image, size: Size, grain: float = 7) -> Image.Image:
    """In its size, with the grain of a photograph."""
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    noise = Image.effect_noise(size, grain).convert("RGB")
    return Image.blend(picture, ImageChops.overlay(picture, noise), 0.5) if grain else picture


# --- Scenes ---


def mountains(seed: int, size: Size, sky: Sequence[Colour], far: Colour, near: Colour, sun: Colour) -> Image.Image:
    chance = random.Random(seed)
    width, height = size[0] * TWICE, size[1] * TWICE
    picture = gradient((width, height), sky)
    glow(picture, (width * chance.uniform(0.25, 0.75), height * 0.42), height * 0.5, sun, 0.9)
    draw = ImageDraw.Draw(picture)
    for layer in range(6):
        heights = ridge(chance, width, 0.42 + layer * 0.02)
        outline = below(heights, height * (0.42 + layer * 0.1), height * (0.13 - layer * 0.012), height)
        draw.polygon(outline, fill=mixed(far, near, layer / 5))
        if layer in (1, 3):
            mist = Image.new("L", picture.size)
            ImageDraw.Draw(mist).rectangle(
                (0, height * (0.5 + layer * 0.1), width, height * (0.56 + layer * 0.1)), fill=90
            )
            mist = mist.filter(ImageFilter.GaussianBlur(height * 0.035))
            picture.paste(Image.new("RGB", picture.size, sky[-1]), (0, 0), mist)
    for _ in range(round(width / 26)):
        x, tall = chance.uniform(0, width), chance.uniform(0.06, 0.17) * height
        for step in range(7):
            y, half = height - tall * (1 - step / 7), tall * 0.03 * (step + 1)
            draw.polygon(
                [(x, y - tall / 7), (x - half, y + tall / 9), (x + half, y + tall / 9)],
                fill=mixed(near, "#000000", 0.45),
            )
    return finished(picture, size)


def sea(seed: int, size: Size, sky: Sequence[Colour], water: Sequence[Colour], sun: Colour) -> Image.Image:
    chance = random.Random(seed)
    width, height = size[0] * TWICE, size[1] * TWICE
    line = round(height * 0.56)
    picture = gradient((width, height), sky)
    middle = width * chance.uniform(0.3, 0.7)
    for _ in range(9):
        cloud = Image.new("L", (width, line))
        x, y = chance.uniform(0, width), chance.uniform(0.1, 0.8) * line
        ImageDraw.Draw(cloud).ellipse((x - width * 0.2, y - line * 0.02, x + width * 0.2, y + line * 0.02), fill=110)
        cloud = cloud.filter(ImageFilter.GaussianBlur(line * 0.03))
        picture.paste(Image.new("RGB", cloud.size, mixed(sun, "#ffffff", 0.35)), (0, 0), cloud)
    glow(picture, (middle, line * 0.86), height * 0.5, sun, 0.85)
    draw = ImageDraw.Draw(picture)
    disc = height * 0.05
    draw.ellipse(
        (middle - disc, line * 0.86 - disc, middle + disc, line * 0.86 + disc), fill=mixed(sun, "#ffffff", 0.7)
    )
    picture.paste(gradient((width, height - line), water), (0, line))
    for _ in range(1500):
        depth = chance.random() ** 1.7
        y = line + depth * (height - line)
        spread = width * (0.03 + 0.25 * depth)
        x = chance.gauss(middle, spread)
        long, thick = width * 0.004 * (1 + 9 * depth), 1 + 3 * depth
        share = max(0.12, 0.9 - abs(x - middle) / (spread * 2.2))
        draw.ellipse(
            (x - long, y - thick, x + long, y + thick), fill=mixed(water[0], mixed(sun, "#ffffff", 0.4), share)
        )
    island = ridge(chance, width // 3, 0.5)
    falling = [height + 2 * (x / len(island)) ** 3 for x, height in enumerate(island)]
    outline = [(x, min(y, line + 2)) for x, y in below(falling, line * 0.96, line * 0.04, line + 2)]
    draw.polygon(outline, fill=mixed(water[-1], "#000000", 0.3))
    return finished(picture, size)


def dunes(seed: int, size: Size, sky: Sequence[Colour], light: Colour, shade: Colour) -> Image.Image:
    chance = random.Random(seed)
    width, height = size[0] * TWICE, size[1] * TWICE
    picture = gradient((width, height), sky)
    for layer in range(5):
        heights = ridge(chance, width, 0.22)
        mask = Image.new("L", picture.size)
        level, swing = height * (0.45 + layer * 0.13), height * 0.1
        ImageDraw.Draw(mask).polygon(below(heights, level, swing, height), fill=255)
        share = 0.1 + layer * 0.1
        sand = gradient((width, height), [mixed(light, shade, share)] * 2 + [mixed(light, shade, 0.5 + share)] * 2)
        picture.paste(sand, (0, 0), mask.filter(ImageFilter.GaussianBlur(1.2)))
        ripples = ImageDraw.Draw(picture)
        for step in range(26):
            y = level + swing + step * height * 0.012
            points = [
                (x, y + swing * heights[x] * (1 - step / 26) + 3 * math.sin(x / 23 + step)) for x in range(0, width, 12)
            ]
            ripples.line(points, fill=mixed(light, shade, 0.35 + share), width=2)
    return finished(picture, size, 12)


def city(seed: int, size: Size, sky: Sequence[Colour], wall: Colour, lamp: Colour) -> Image.Image:
    chance = random.Random(seed)
    width, height = size[0] * TWICE, size[1] * TWICE
    picture = gradient((width, height), sky)
    draw = ImageDraw.Draw(picture)
    for _ in range(140):
        x, y = chance.uniform(0, width), chance.uniform(0, height * 0.5)
        draw.ellipse((x, y, x + 3, y + 3), fill=mixed(sky[0], "#ffffff", chance.uniform(0.3, 0.9)))
    glow(picture, (width * 0.72, height * 0.2), height * 0.22, "#fff6dc", 0.5)
    draw.ellipse((width * 0.72 - 44, height * 0.2 - 44, width * 0.72 + 44, height * 0.2 + 44), fill="#fff8e6")
    for layer in range(3):
        x = -20.0
        while x < width:
            wide, tall = chance.uniform(0.05, 0.11) * width, chance.uniform(0.2, 0.62 - layer * 0.12) * height
            top = height - tall
            colour = mixed(wall, sky[-1], 0.55 - layer * 0.25)
            draw.rectangle((x, top, x + wide, height), fill=colour)
            if chance.random() < 0.3:
                draw.line((x + wide / 2, top - tall * 0.12, x + wide / 2, top), fill=colour, width=5)
            for column in range(int(wide / 26) - 1):
                for row in range(int(tall / 34)):
                    if chance.random() < 0.2 + 0.12 * layer:
                        at = (x + 16 + column * 26, top + 16 + row * 34)
                        draw.rectangle((*at, at[0] + 11, at[1] + 16), fill=mixed(lamp, colour, chance.uniform(0, 0.5)))
            x += wide + chance.uniform(-8, 14)
    return finished(picture, size)


def bokeh(seed: int, size: Size, ground: Sequence[Colour], lights: Sequence[Colour]) -> Image.Image:
    chance = random.Random(seed)
    width, height = size[0] * TWICE, size[1] * TWICE
    picture = gradient((width, height), ground)
    for layer in range(70):
        radius = chance.uniform(0.02, 0.13) * height
        x, y = chance.uniform(0, width), chance.gauss(height * 0.55, height * 0.25)
        disc = Image.new("L", (round(radius * 2 + 40),) * 2)
        edges = (20, 20, 20 + radius * 2, 20 + radius * 2)
        brightness, rim = chance.randint(40, 120), chance.randint(90, 190)
        ImageDraw.Draw(disc).ellipse(edges, fill=brightness, outline=rim, width=5)
        disc = disc.filter(ImageFilter.GaussianBlur(2 + (70 - layer) * 0.12))
        picture.paste(Image.new("RGB", disc.size, chance.choice(lights)), (round(x - radius), round(y - radius)), disc)
    return finished(picture, size)


# In tenths of the picture from the middle of the ground: left, top, right, bottom, and how round the corners are.
ROUND = math.inf
THINGS: dict[str, list[tuple[float, float, float, float, float]]] = {
    "bottle": [(-1.3, -4.6, 1.3, 0, 0.7), (-0.5, -6.2, 0.5, -4, 0.2), (-0.65, -6.6, 0.65, -6, 0.15)],
    "vase": [(-2, -3.8, 2, 0, ROUND), (-0.8, -5.4, 0.8, -3, 0.3), (-1.1, -5.7, 1.1, -5.1, ROUND)],
    "plant": [(-1.4, -2.8, 1.4, 0, 0.5), (-1.7, -3.2, 1.7, -2.4, 0.2)],
    "lamp": [(-2.1, -6.4, 2.1, -2.9, ROUND), (-0.18, -3.2, 0.18, -0.2, 0.04), (-1.3, -0.45, 1.3, 0, ROUND)],
}


def still_life(seed: int, size: Size, wall: Sequence[Colour], thing: Colour, kind: str) -> Image.Image:
    """A thing before a wall, lit from the left."""
    width, height = size[0] * TWICE, size[1] * TWICE
    picture = gradient((width, height), [*wall, mixed(wall[-1], "#000000", 0.12)])
    unit, middle, ground = min(width, height) / 10, width / 2, height * 0.78
    glow(picture, (width * 0.25, height * 0.2), height * 0.8, "#ffffff", 0.5)
    shadow = Image.new("L", picture.size)
    place = (middle - unit * 2, ground - unit * 0.45, middle + unit * 4.4, ground + unit * 0.5)
    ImageDraw.Draw(shadow).ellipse(place, fill=150)
    shadow = shadow.filter(ImageFilter.GaussianBlur(unit * 0.35))
    picture.paste(Image.new("RGB", picture.size, mixed(wall[-1], "#000000", 0.75)), (0, 0), shadow)
    outline = _outline(kind, (middle, ground), unit, picture.size)
    picture.paste(_lit(thing, middle, unit, picture.size), (0, 0), outline)
    if kind == "plant":
        _leaves(picture, random.Random(seed), middle, ground - unit * 3.2, unit)
    return finished(picture, size, 5)


def _outline(kind: str, at: tuple[float, float], unit: float, size: Size) -> Image.Image:
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    for left, top, right, bottom, corner in THINGS[kind]:
        box = (at[0] + left * unit, at[1] + top * unit, at[0] + right * unit, at[1] + bottom * unit)
        if corner == ROUND:
            pen.ellipse(box, fill=255)
        else:
            pen.rounded_rectangle(box, corner * unit, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(1))


def _lit(thing: Colour, middle: float, unit: float, size: Size) -> Image.Image:
    """Light that falls off over the width of the thing."""
    dark = mixed(thing, "#000000", 0.5)
    width = round(unit * 5.2)
    sides = gradient((size[1], width), [dark, thing, mixed(thing, "#ffffff", 0.5)]).rotate(-90, expand=True)
    lit = Image.new("RGB", size, dark)
    lit.paste(sides, (round(middle - unit * 2.4), 0))
    return lit


def _leaves(picture: Image.Image, chance: random.Random, x: float, y: float, unit: float) -> None:
    draw = ImageDraw.Draw(picture)
    for number in range(15):
        angle = math.radians(-160 + number * 10 + chance.uniform(-5, 5))
        long, wide = unit * chance.uniform(2.4, 4.2), unit * chance.uniform(0.28, 0.5)
        tip = (x + math.cos(angle) * long, y + math.sin(angle) * long)
        across = (-math.sin(angle) * wide, math.cos(angle) * wide)
        waist = (x + math.cos(angle) * long * 0.55, y + math.sin(angle) * long * 0.55)
        sides = [(waist[0] + side * across[0], waist[1] + side * across[1]) for side in (1, -1)]
        green = mixed("#1f5a3a", "#86b96c", chance.random())
        draw.polygon([(x, y), sides[0], tip, sides[1]], fill=green)
        draw.line([(x, y), tip], fill=mixed(green, "#ffffff", 0.35), width=3)


def poster(seed: int, size: Size, colours: Sequence[Colour]) -> Image.Image:
    """Circles, quarters and bars on a grid."""
    chance = random.Random(seed)
    cell = 160
    columns, rows = max(size[0] * TWICE // cell, 1), max(size[1] * TWICE // cell, 1)
    picture = Image.new("RGB", (columns * cell, rows * cell), colours[0])
    draw = ImageDraw.Draw(picture)
    for column in range(columns):
        for row in range(rows):
            x, y = column * cell, row * cell
            draw.rectangle((x, y, x + cell, y + cell), fill=chance.choice(colours))
            ink, kind = chance.choice(colours), chance.randrange(5)
            if kind == 0:
                draw.ellipse((x + 14, y + 14, x + cell - 14, y + cell - 14), fill=ink)
            elif kind == 1:
                corner = chance.choice([(0, 0), (-cell, 0), (0, -cell), (-cell, -cell)])
                draw.pieslice(
                    (x + corner[0], y + corner[1], x + corner[0] + 2 * cell, y + corner[1] + 2 * cell),
                    *_quarter(corner),
                    fill=ink,
                )
            elif kind == 2:
                for bar in range(0, cell, 32):
                    draw.rectangle((x, y + bar, x + cell, y + bar + 15), fill=ink)
            elif kind == 3:
                draw.polygon([(x, y + cell), (x + cell, y), (x + cell, y + cell)], fill=ink)
    return finished(picture, size, 0)


def _quarter(corner: tuple[int, int]) -> tuple[int, int]:
    start = {(False, False): 180, (True, False): 270, (False, True): 90, (True, True): 0}
    at = start[(corner[0] < 0, corner[1] < 0)]
    return at, at + 90


# --- What is uploaded ---

DAWN = ("#5b7fb0", "#b9a9c9", "#f6c9a8", "#fde3c1")
DUSK = ("#2b2c5a", "#7a3f78", "#e0705a", "#f8b76b")
NOON = ("#3f8fd1", "#8dc3ea", "#d8ecf5")
NIGHT = ("#0b1030", "#1b2550", "#3c3f72")


def pictures() -> Iterator[tuple[str, bytes]]:
    """The library: names of files, and what is in them."""
    wide, tall, square, broad = (1500, 1000), (900, 1200), (1100, 1100), (1800, 800)
    made: list[tuple[str, Image.Image]] = [
        ("Harbour at dusk", sea(1, wide, DUSK, ("#c9614f", "#5a2f63", "#1d1b42"), "#ffb15e")),
        ("Amber bottle, front", still_life(2, tall, ("#e9dccb", "#d9c4ab"), "#a8571c", "bottle")),
        ("Ridge in the morning", mountains(3, broad, DAWN, "#a9a6c4", "#26344a", "#fff0cf")),
        ("Poster, autumn fair", poster(4, tall, ("#f4ecd8", "#1f2a44", "#d9482b", "#e9a820", "#3a7d6b"))),
        ("City at night", city(5, wide, NIGHT, "#10132b", "#ffd37a")),
        ("Blue vase", still_life(6, square, ("#efe6df", "#d6c3b8"), "#2f5d9c", "vase")),
        ("Dunes, north side", dunes(7, wide, ("#7fb2d6", "#f3dcc0"), "#f0c184", "#8a4a2a")),
        (
            "Lights in the rain",
            bokeh(8, broad, ("#11172c", "#2a1f45", "#140f22"), ("#ffb347", "#ff6f61", "#7ec8e3", "#ffe29a")),
        ),
        ("Office plant", still_life(9, tall, ("#dfe8e2", "#bccdc2"), "#c9734a", "plant")),
        ("Noon over the bay", sea(10, broad, NOON, ("#7fc1d8", "#2f82ad", "#14507c"), "#fff7dd")),
        ("Pattern, tiles", poster(11, square, ("#f7f3ea", "#2d3a8c", "#f0a202", "#e4572e"))),
        ("Green valley", mountains(12, wide, ("#9cc7e4", "#dcebe6", "#f3f0dc"), "#a7c4b4", "#1e4a38", "#ffffff")),
        ("Desk lamp", still_life(13, square, ("#26303c", "#1a222c"), "#f2c14e", "lamp")),
        (
            "Evening lights",
            bokeh(14, wide, ("#3a1c40", "#7a2f4b", "#1f1230"), ("#ffd9a0", "#ff9a76", "#f2668b", "#fff1cf")),
        ),
        ("Violet peaks", mountains(15, tall, ("#3b2f6b", "#a4508b", "#f6a978"), "#a77ba6", "#231942", "#ffe0b5")),
        ("Rose bottle", still_life(16, tall, ("#f6e4e1", "#e8c7c3"), "#c2536b", "bottle")),
    ]
    for number, (name, picture) in enumerate(made):
        yield f"{name}.{'webp' if number % 5 == 4 else 'jpg'}", encoded(picture, "WEBP" if number % 5 == 4 else "JPEG")
    yield (
        "Signal tone.wav",
        a_sound(
            "wav",
            "pcm_s16le",
            loudness=[math.sin(n / 60 * math.pi) ** 2 * (0.4 + 0.6 * (n % 7) / 6) for n in range(60)],
        ),
    )
    yield "Price list.pdf", a_pdf(PAPER)
    yield "Waves.mp4", film()


def more_pictures() -> Iterator[tuple[str, bytes]]:
    """What is being uploaded while the tray is looked at; the last two are refused."""
    wide, square = (1500, 1000), (1100, 1100)
    yield (
        "Winter coast.jpg",
        encoded(sea(21, wide, ("#7d94ad", "#c9d3dc", "#eef0ee"), ("#a9bcc6", "#5d7a8c", "#2d4657"), "#ffffff")),
    )
    yield "Red vase.jpg", encoded(still_life(22, square, ("#ece5da", "#d3c5b2"), "#a32e2e", "vase"))
    yield "Dunes, south side.jpg", encoded(dunes(23, wide, ("#e8b48c", "#f7dfc6"), "#e59a5c", "#6e2f22"))
    yield (
        "Poster, spring fair.png",
        encoded(poster(24, (900, 1200), ("#fdf6ec", "#e85d75", "#2a9d8f", "#264653")), "PNG"),
    )
    yield "Old town.jpg", encoded(city(25, wide, ("#1d2b53", "#7e2553", "#ff9a6b"), "#1a1230", "#ffe0a0"))
    yield "Notes.txt", b"Call the printer before Friday.\n"
    yield "Empty.png", b""


def encoded(picture: Image.Image, format: str = "JPEG") -> bytes:
    target = io.BytesIO()
    picture.save(target, format, quality=90)
    return target.getvalue()


PAPER = b"""0.17 0.16 0.45 rg 0 78 200 22 re f
0.85 0.28 0.17 rg 170 82 14 14 re f
0.8 0.8 0.82 rg 14 60 90 4 re f 14 52 120 3 re f 14 44 110 3 re f 14 36 124 3 re f 14 28 84 3 re f
0.93 0.75 0.25 rg 146 26 40 38 re f"""


def film() -> bytes:
    """The sea for three seconds."""
    import av

    target = io.BytesIO()
    still = sea(31, (960, 540), DAWN, ("#e6b9a1", "#8a7aa8", "#33406b"), "#ffe3b8")
    with av.open(target, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 960, 540, "yuv420p", 2_000_000
        for number in range(36):
            frame = ImageChops.offset(still, number * 2, 0)
            output.mux(stream.encode(av.VideoFrame.from_image(frame)))
        output.mux(stream.encode())
    return target.getvalue()
