"""Landscapes, still lifes and posters, drawn in memory. The same seed always draws the same picture."""

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = str
Size = tuple[int, int]
SCALE = 2  # drawn larger and scaled down, for smooth edges


def draw_gradient(size: Size, colours: Sequence[Colour]) -> Image.Image:
    """From the first colour at the top to the last at the bottom."""
    strip = Image.new("RGB", (1, len(colours)))
    for y, colour in enumerate(colours):
        strip.paste(Image.new("RGB", (1, 1), colour), (0, y))
    return strip.resize(size, Image.Resampling.BICUBIC)


def draw_glow(
    picture: Image.Image, at: tuple[float, float], radius: float, colour: Colour, strength: float = 1.0
) -> None:
    """Light around a point, fading to nothing at the radius."""
    light = ImageChops.invert(Image.radial_gradient("L")).resize((round(radius * 2),) * 2)
    # The gradient does not end at the edges of the square.
    light = light.point(lambda value: round((max(value - 76, 0) / 179) ** 2 * 255 * strength))
    picture.paste(Image.new("RGB", light.size, colour), (round(at[0] - radius), round(at[1] - radius)), light)


def ridge_line(rng: random.Random, width: int, rough: float) -> list[float]:
    """Heights along a line, from -1 to 1: waves upon waves."""
    waves = [(rough**octave, rng.uniform(1, 2) * 2**octave, rng.uniform(0, 7)) for octave in range(7)]
    total = sum(height for height, _, _ in waves)
    return [
        sum(height * math.sin(x / width * frequency * 3 + start) for height, frequency, start in waves) / total
        for x in range(width)
    ]


def outline_below(heights: Sequence[float], level: float, swing: float, bottom: float) -> list[tuple[float, float]]:
    """The outline of everything below a ridge line."""
    line = [(x, level + swing * height) for x, height in enumerate(heights)]
    return [(0, bottom), *line, (len(heights), bottom)]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def finish(picture: Image.Image, size: Size, grain: float = 7) -> Image.Image:
    """Scale down, and add the grain of a photograph."""
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    noise = Image.effect_noise(size, grain).convert("RGB")
    return Image.blend(picture, ImageChops.overlay(picture, noise), 0.5) if grain else picture


def draw_mountains(seed: int, size: Size, sky: Sequence[Colour], far: Colour, near: Colour, sun: Colour) -> Image.Image:
    rng = random.Random(seed)
    width, height = size[0] * SCALE, size[1] * SCALE
    picture = draw_gradient((width, height), sky)
    draw_glow(picture, (width * rng.uniform(0.25, 0.75), height * 0.42), height * 0.5, sun, 0.9)
    draw = ImageDraw.Draw(picture)
    for layer in range(6):
        heights = ridge_line(rng, width, 0.42 + layer * 0.02)
        outline = outline_below(heights, height * (0.42 + layer * 0.1), height * (0.13 - layer * 0.012), height)
        draw.polygon(outline, fill=mix(far, near, layer / 5))
        if layer in (1, 3):
            mist = Image.new("L", picture.size)
            ImageDraw.Draw(mist).rectangle(
                (0, height * (0.5 + layer * 0.1), width, height * (0.56 + layer * 0.1)), fill=90
            )
            mist = mist.filter(ImageFilter.GaussianBlur(height * 0.035))
            picture.paste(Image.new("RGB", picture.size, sky[-1]), (0, 0), mist)
    for _ in range(round(width / 26)):
        x, tall = rng.uniform(0, width), rng.uniform(0.06, 0.17) * height
        for step in range(7):
            y, half = height - tall * (1 - step / 7), tall * 0.03 * (step + 1)
            draw.polygon(
                [(x, y - tall / 7), (x - half, y + tall / 9), (x + half, y + tall / 9)],
                fill=mix(near, "#000000", 0.45),
            )
    return finish(picture, size)


def draw_sea(seed: int, size: Size, sky: Sequence[Colour], water: Sequence[Colour], sun: Colour) -> Image.Image:
    rng = random.Random(seed)
    width, height = size[0] * SCALE, size[1] * SCALE
    line = round(height * 0.56)
    picture = draw_gradient((width, height), sky)
    middle = width * rng.uniform(0.3, 0.7)
    for _ in range(9):
        cloud = Image.new("L", (width, line))
        x, y = rng.uniform(0, width), rng.uniform(0.1, 0.8) * line
        ImageDraw.Draw(cloud).ellipse((x - width * 0.2, y - line * 0.02, x + width * 0.2, y + line * 0.02), fill=110)
        cloud = cloud.filter(ImageFilter.GaussianBlur(line * 0.03))
        picture.paste(Image.new("RGB", cloud.size, mix(sun, "#ffffff", 0.35)), (0, 0), cloud)
    draw_glow(picture, (middle, line * 0.86), height * 0.5, sun, 0.85)
    draw = ImageDraw.Draw(picture)
    disc = height * 0.05
    draw.ellipse((middle - disc, line * 0.86 - disc, middle + disc, line * 0.86 + disc), fill=mix(sun, "#ffffff", 0.7))
    picture.paste(draw_gradient((width, height - line), water), (0, line))
    for _ in range(1500):
        depth = rng.random() ** 1.7
        y = line + depth * (height - line)
        spread = width * (0.03 + 0.25 * depth)
        x = rng.gauss(middle, spread)
        long, thick = width * 0.004 * (1 + 9 * depth), 1 + 3 * depth
        share = max(0.12, 0.9 - abs(x - middle) / (spread * 2.2))
        draw.ellipse((x - long, y - thick, x + long, y + thick), fill=mix(water[0], mix(sun, "#ffffff", 0.4), share))
    island = ridge_line(rng, width // 3, 0.5)
    falling = [height + 2 * (x / len(island)) ** 3 for x, height in enumerate(island)]
    outline = [(x, min(y, line + 2)) for x, y in outline_below(falling, line * 0.96, line * 0.04, line + 2)]
    draw.polygon(outline, fill=mix(water[-1], "#000000", 0.3))
    return finish(picture, size)


def draw_dunes(seed: int, size: Size, sky: Sequence[Colour], light: Colour, shade: Colour) -> Image.Image:
    rng = random.Random(seed)
    width, height = size[0] * SCALE, size[1] * SCALE
    picture = draw_gradient((width, height), sky)
    for layer in range(5):
        heights = ridge_line(rng, width, 0.22)
        mask = Image.new("L", picture.size)
        level, swing = height * (0.45 + layer * 0.13), height * 0.1
        ImageDraw.Draw(mask).polygon(outline_below(heights, level, swing, height), fill=255)
        share = 0.1 + layer * 0.1
        sand = draw_gradient((width, height), [mix(light, shade, share)] * 2 + [mix(light, shade, 0.5 + share)] * 2)
        picture.paste(sand, (0, 0), mask.filter(ImageFilter.GaussianBlur(1.2)))
        ripples = ImageDraw.Draw(picture)
        for step in range(26):
            y = level + swing + step * height * 0.012
            points = [
                (x, y + swing * heights[x] * (1 - step / 26) + 3 * math.sin(x / 23 + step)) for x in range(0, width, 12)
            ]
            ripples.line(points, fill=mix(light, shade, 0.35 + share), width=2)
    return finish(picture, size, 12)


def draw_city(seed: int, size: Size, sky: Sequence[Colour], wall: Colour, lamp: Colour) -> Image.Image:
    rng = random.Random(seed)
    width, height = size[0] * SCALE, size[1] * SCALE
    picture = draw_gradient((width, height), sky)
    draw = ImageDraw.Draw(picture)
    for _ in range(140):
        x, y = rng.uniform(0, width), rng.uniform(0, height * 0.5)
        draw.ellipse((x, y, x + 3, y + 3), fill=mix(sky[0], "#ffffff", rng.uniform(0.3, 0.9)))
    draw_glow(picture, (width * 0.72, height * 0.2), height * 0.22, "#fff6dc", 0.5)
    draw.ellipse((width * 0.72 - 44, height * 0.2 - 44, width * 0.72 + 44, height * 0.2 + 44), fill="#fff8e6")
    for layer in range(3):
        x = -20.0
        while x < width:
            wide, tall = rng.uniform(0.05, 0.11) * width, rng.uniform(0.2, 0.62 - layer * 0.12) * height
            top = height - tall
            colour = mix(wall, sky[-1], 0.55 - layer * 0.25)
            draw.rectangle((x, top, x + wide, height), fill=colour)
            if rng.random() < 0.3:
                draw.line((x + wide / 2, top - tall * 0.12, x + wide / 2, top), fill=colour, width=5)
            for column in range(int(wide / 26) - 1):
                for row in range(int(tall / 34)):
                    if rng.random() < 0.2 + 0.12 * layer:
                        at = (x + 16 + column * 26, top + 16 + row * 34)
                        draw.rectangle((*at, at[0] + 11, at[1] + 16), fill=mix(lamp, colour, rng.uniform(0, 0.5)))
            x += wide + rng.uniform(-8, 14)
    return finish(picture, size)


def draw_bokeh(seed: int, size: Size, ground: Sequence[Colour], lights: Sequence[Colour]) -> Image.Image:
    rng = random.Random(seed)
    width, height = size[0] * SCALE, size[1] * SCALE
    picture = draw_gradient((width, height), ground)
    for layer in range(70):
        radius = rng.uniform(0.02, 0.13) * height
        x, y = rng.uniform(0, width), rng.gauss(height * 0.55, height * 0.25)
        disc = Image.new("L", (round(radius * 2 + 40),) * 2)
        edges = (20, 20, 20 + radius * 2, 20 + radius * 2)
        brightness, rim = rng.randint(40, 120), rng.randint(90, 190)
        ImageDraw.Draw(disc).ellipse(edges, fill=brightness, outline=rim, width=5)
        disc = disc.filter(ImageFilter.GaussianBlur(2 + (70 - layer) * 0.12))
        picture.paste(Image.new("RGB", disc.size, rng.choice(lights)), (round(x - radius), round(y - radius)), disc)
    return finish(picture, size)


# Boxes as (left, top, right, bottom, corner radius), in tenths of the picture from the middle of the ground.
ROUND = math.inf
THINGS: dict[str, list[tuple[float, float, float, float, float]]] = {
    "bottle": [(-1.3, -4.6, 1.3, 0, 0.7), (-0.5, -6.2, 0.5, -4, 0.2), (-0.65, -6.6, 0.65, -6, 0.15)],
    "vase": [(-2, -3.8, 2, 0, ROUND), (-0.8, -5.4, 0.8, -3, 0.3), (-1.1, -5.7, 1.1, -5.1, ROUND)],
    "plant": [(-1.4, -2.8, 1.4, 0, 0.5), (-1.7, -3.2, 1.7, -2.4, 0.2)],
    "lamp": [(-2.1, -6.4, 2.1, -2.9, ROUND), (-0.18, -3.2, 0.18, -0.2, 0.04), (-1.3, -0.45, 1.3, 0, ROUND)],
}


def draw_still_life(seed: int, size: Size, wall: Sequence[Colour], thing: Colour, kind: str) -> Image.Image:
    """An object in front of a wall, lit from the left."""
    width, height = size[0] * SCALE, size[1] * SCALE
    picture = draw_gradient((width, height), [*wall, mix(wall[-1], "#000000", 0.12)])
    unit, middle, ground = min(width, height) / 10, width / 2, height * 0.78
    draw_glow(picture, (width * 0.25, height * 0.2), height * 0.8, "#ffffff", 0.5)
    shadow = Image.new("L", picture.size)
    place = (middle - unit * 2, ground - unit * 0.45, middle + unit * 4.4, ground + unit * 0.5)
    ImageDraw.Draw(shadow).ellipse(place, fill=150)
    shadow = shadow.filter(ImageFilter.GaussianBlur(unit * 0.35))
    picture.paste(Image.new("RGB", picture.size, mix(wall[-1], "#000000", 0.75)), (0, 0), shadow)
    outline = _silhouette(kind, (middle, ground), unit, picture.size)
    picture.paste(_shade(thing, middle, unit, picture.size), (0, 0), outline)
    if kind == "plant":
        _draw_leaves(picture, random.Random(seed), middle, ground - unit * 3.2, unit)
    return finish(picture, size, 5)


def _silhouette(kind: str, at: tuple[float, float], unit: float, size: Size) -> Image.Image:
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    for left, top, right, bottom, corner in THINGS[kind]:
        box = (at[0] + left * unit, at[1] + top * unit, at[0] + right * unit, at[1] + bottom * unit)
        if corner == ROUND:
            pen.ellipse(box, fill=255)
        else:
            pen.rounded_rectangle(box, corner * unit, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(1))


def _shade(thing: Colour, middle: float, unit: float, size: Size) -> Image.Image:
    """Light that falls off over the width of the thing."""
    dark = mix(thing, "#000000", 0.5)
    width = round(unit * 5.2)
    sides = draw_gradient((size[1], width), [dark, thing, mix(thing, "#ffffff", 0.5)]).rotate(-90, expand=True)
    lit = Image.new("RGB", size, dark)
    lit.paste(sides, (round(middle - unit * 2.4), 0))
    return lit


def _draw_leaves(picture: Image.Image, rng: random.Random, x: float, y: float, unit: float) -> None:
    draw = ImageDraw.Draw(picture)
    for number in range(15):
        angle = math.radians(-160 + number * 10 + rng.uniform(-5, 5))
        long, wide = unit * rng.uniform(2.4, 4.2), unit * rng.uniform(0.28, 0.5)
        tip = (x + math.cos(angle) * long, y + math.sin(angle) * long)
        across = (-math.sin(angle) * wide, math.cos(angle) * wide)
        waist = (x + math.cos(angle) * long * 0.55, y + math.sin(angle) * long * 0.55)
        sides = [(waist[0] + side * across[0], waist[1] + side * across[1]) for side in (1, -1)]
        green = mix("#1f5a3a", "#86b96c", rng.random())
        draw.polygon([(x, y), sides[0], tip, sides[1]], fill=green)
        draw.line([(x, y), tip], fill=mix(green, "#ffffff", 0.35), width=3)


def draw_poster(seed: int, size: Size, colours: Sequence[Colour]) -> Image.Image:
    """Circles, quarters and bars on a grid."""
    rng = random.Random(seed)
    cell = 160
    columns, rows = max(size[0] * SCALE // cell, 1), max(size[1] * SCALE // cell, 1)
    picture = Image.new("RGB", (columns * cell, rows * cell), colours[0])
    draw = ImageDraw.Draw(picture)
    for column in range(columns):
        for row in range(rows):
            x, y = column * cell, row * cell
            draw.rectangle((x, y, x + cell, y + cell), fill=rng.choice(colours))
            ink, kind = rng.choice(colours), rng.randrange(5)
            if kind == 0:
                draw.ellipse((x + 14, y + 14, x + cell - 14, y + cell - 14), fill=ink)
            elif kind == 1:
                corner = rng.choice([(0, 0), (-cell, 0), (0, -cell), (-cell, -cell)])
                draw.pieslice(
                    (x + corner[0], y + corner[1], x + corner[0] + 2 * cell, y + corner[1] + 2 * cell),
                    *_quarter_angles(corner),
                    fill=ink,
                )
            elif kind == 2:
                for bar in range(0, cell, 32):
                    draw.rectangle((x, y + bar, x + cell, y + bar + 15), fill=ink)
            elif kind == 3:
                draw.polygon([(x, y + cell), (x + cell, y), (x + cell, y + cell)], fill=ink)
    return finish(picture, size, 0)


def _quarter_angles(corner: tuple[int, int]) -> tuple[int, int]:
    start = {(False, False): 180, (True, False): 270, (False, True): 90, (True, True): 0}
    at = start[(corner[0] < 0, corner[1] < 0)]
    return at, at + 90
