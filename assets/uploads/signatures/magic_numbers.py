"""Formats that begin with bytes of their own."""

_PREFIXES: dict[str, tuple[bytes, ...]] = {
    "audio/amr": (b"#!AMR\n", b"#!AMR_MC1.0\n"),
    "audio/amr-wb": (b"#!AMR-WB\n", b"#!AMR-WB_MC1.0\n"),
    "audio/flac": (b"fLaC",),
    "audio/midi": (b"MThd",),
    "audio/ogg": (b"OggS\0",),
    "audio/vnd.dts": (
        b"DTSHDHDR", b"\x64\x58\x20\x25", b"\x7f\xfe\x80\1", b"\xfe\x7f\1\x80", b"\x1f\xff\xe8\0", b"\xff\x1f\0\xe8",
    ),
    "audio/wav": (b"BW64",),
    "audio/x-ape": (b"MAC ",),
    "audio/x-ast": (b"STRM",),
    "audio/x-caf": (b"caff\0\1\0\0",),
    "audio/x-codec2": (b"\xc0\xde\xc2",),
    "audio/x-dff": (b"FRM8",),
    "audio/x-dsf": (b"DSD \x1c\0\0\0",),
    "audio/x-hx-aac-adif": (b"ADIF",),
    "audio/x-ircam": (b"\x64\xa3\1\0", b"\x64\xa3\2\0", b"\x64\xa3\3\0"),
    "audio/x-it": (b"IMPM",),
    "audio/x-musepack": (b"MP+", b"MPCK"),
    "audio/x-ofr": (b"OFR ",),
    "audio/x-oma": (b"EA3\1", b"ea3\3"),
    "audio/x-pn-realaudio": (b".ra\xfd",),
    "audio/x-shorten": (b"ajkg",),
    "audio/x-smaf": (b"MMMD",),
    "audio/x-sox": (b".SoX", b"XoS."),
    "audio/x-tak": (b"tBaK",),
    "audio/x-tta": (b"TTA1", b"TTA2"),
    "audio/x-voc": (b"Creative Voice File\x1a",),
    "audio/x-wavpack": (b"wvpk",),
    "audio/x-xm": (b"Extended Module: ",),
    "image/fits": (b"SIMPLE  =",),
    "image/flif": (b"FLIF",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/icns": (b"icns",),
    "image/j2c": (b"\xff\x4f\xff\x51",),
    "image/ktx": (b"\xabKTX 11\xbb", b"\xabKTX 20\xbb"),
    "image/png": (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",),
    "image/qoi": (b"qoif",),
    "image/sgi": (b"\x01\xda\0\1", b"\x01\xda\0\2", b"\x01\xda\1\1", b"\x01\xda\1\2"),
    "image/vnd-ms.dds": (b"DDS \x7c\0\0\0",),
    "image/vnd.adobe.photoshop": (b"8BPS\0\1",),
    "image/vnd.radiance": (b"#?RADIANCE\n", b"#?RGBE\n"),
    "image/x-apple-png": (b"\x89PNG\r\n\x1a\n\0\0\0\x04CgBI",),
    "image/x-blp": (b"BLP1", b"BLP2"),
    "image/x-cineon": (b"\x80\x2a\x5f\xd7",),
    "image/x-minolta-mrw": (b"\0MRM",),
    "image/x-panasonic-rw2": (b"IIU\0",),
    "image/x-portable-floatmap": (b"PF\n", b"Pf\n"),
    "image/x-psb": (b"8BPS\0\2",),
    "image/x-sun-raster": (b"\x59\xa6\x6a\x95",),
    "image/x-xpixmap": (b"/* XPM */", b"/*XPM*/"),
    "video/dv": (b"\x1f\x07\0\x3f", b"\x1f\x07\0\xbf"),
    "video/h264": (b"\0\0\0\1\x67", b"\0\0\1\x67", b"\0\0\0\1\x27", b"\0\0\0\1\x09"),
    "video/h265": (b"\0\0\0\1\x40\1", b"\0\0\1\x40\1", b"\0\0\0\1\x46\1", b"\0\0\0\1\x42\1"),
    "video/x-dirac": (b"BBCD\0",),
    "video/x-film-cpk": (b"FILM",),
    "video/x-roq": (b"\x84\x10\xff\xff\xff\xff",),
    "video/x-smjpeg": (b"\0\nSMJPEG",),
    "video/x-gxf": (b"\0\0\0\0\1\xbc",),
    "video/x-ivf": (b"DKIF",),
    "video/x-nut": (b"nut/multimedia container\0",),
    "video/x-obu": tuple(b"\x12\0\x0a" + bytes([length]) for length in range(10, 17)),
    "video/x-wtv": (b"\xb7\xd8\0\x20\x37\x49\xda\x11",),
    "video/x-yuv4mpeg": (b"YUV4MPEG2 ",),
}  # fmt: skip
_RIFF = {
    b"AVI ": "video/x-msvideo",
    b"AMV ": "video/x-amv",
    b"QLCM": "audio/qcelp",
    b"RMID": "audio/midi",
    b"WAVE": "audio/wav",
    b"WEBP": "image/webp",
    b"sfbk": "audio/x-sfbk",
}
_FORM = {
    b"8SVX": "audio/x-8svx",
    b"AIFC": "audio/aiff",
    b"AIFF": "audio/aiff",
    b"ILBM": "image/x-ilbm",
    b"PBM ": "image/x-ilbm",
}
_CHUNKED = {b"RIFF": _RIFF, b"RIFX": _RIFF, b"RF64": _RIFF, b"FORM": _FORM}
# Sync word and format of the first major frame.
_TRUEHD = (b"\xf8\x72\x6f\xba", b"\xf8\x72\x6f\xbb")
_AC3 = b"\x0b\x77"
_LAST_AC3_VERSION, _LAST_EAC3_VERSION = 10, 16


def detect(head: bytes) -> str:
    """The media type; empty if no signature is known."""
    for media_type, prefixes in _PREFIXES.items():
        if head.startswith(prefixes):
            return media_type
    if head[4:8] in _TRUEHD:
        return "audio/vnd.dolby.mlp"
    if head.startswith(_AC3) and len(head) > 5:  # noqa: PLR2004
        return _detect_ac3(head[5] >> 3)
    return _CHUNKED.get(head[:4], {}).get(head[8:12], "")


def _detect_ac3(version: int) -> str:
    """ETSI TS 102 366, E.1.3.1.6."""
    if version <= _LAST_AC3_VERSION:
        return "audio/ac3"
    return "audio/eac3" if version <= _LAST_EAC3_VERSION else ""
