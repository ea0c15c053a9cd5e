"""The table of formats, row by row. `formats` looks things up in it, and docs/formats.md shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A format that is recognised.

    `media_type` is what is sent: the registered type, or where none is registered, the one that programs use.
    `aliases` are other types for it, as libmagic or a program calls it, all in lower case.
    `endings` of file names: a file without one gets the first, and `type:` finds each. `other_endings` may stay.
    `maker` is the module of `previews.makers` that shows it. Without one, the format is not supported.
    `decoders` are the names that Pillow or, for `stills`, FFmpeg has for it.
    """

    name: str
    media_type: str
    endings: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    maker: str = ""
    decoders: tuple[str, ...] = ()
    other_endings: tuple[str, ...] = ()

    @property
    def is_supported(self) -> bool:
        return bool(self.maker)


def _image(name: str, media_type: str, endings: str, decoders: str, aliases: str = "") -> Format:
    return Format(name, media_type, tuple(endings.split()), tuple(aliases.split()), "images", tuple(decoders.split()))


def _still(name: str, media_type: str, endings: str, decoder: str, aliases: str = "") -> Format:
    return Format(name, media_type, tuple(endings.split()), tuple(aliases.split()), "stills", (decoder,))


def _recording(name: str, media_type: str, endings: str, aliases: str = "", others: str = "") -> Format:
    maker = "waveforms" if media_type.startswith("audio/") else "posters"
    return Format(name, media_type, tuple(endings.split()), tuple(aliases.split()), maker, (), tuple(others.split()))


def _unsupported(name: str, media_types: str) -> Format:
    media_type, *aliases = media_types.split()
    return Format(name, media_type, aliases=tuple(aliases))


_MPEG_4 = "mp4 m4v mov qt 3gp 3g2 m4a m4b"
_OGG = "ogg ogv oga opus spx"
_MATROSKA = "webm mkv mka mk3d weba"
_ASF = "asf wma wmv"
_MPEG = "mpg mpeg mpe m1v m2v mpv vob ts mts m2ts"

IMAGES = (
    _image("PNG", "image/png", "png", "PNG", "image/x-png"),
    Format("APNG", "image/apng", ("apng",), ("image/vnd.mozilla.apng",), "images", ("PNG",), ("png",)),
    _image("JPEG", "image/jpeg", "jpg jpeg jpe jfif jif pjp pjpeg", "JPEG", "image/jpg image/pjpeg"),
    _image("GIF", "image/gif", "gif", "GIF"),
    _image("WebP", "image/webp", "webp", "WEBP"),
    _image("AVIF", "image/avif", "avif avifs", "AVIF", "image/avif-sequence"),
    _image("HEIC", "image/heic", "heic heif hif", "HEIF"),
    _image("HEIF", "image/heif", "heif heic hif", "HEIF"),
    _image("JPEG XL", "image/jxl", "jxl", "JXL"),
    _image("JPEG 2000", "image/jp2", "jp2 jpg2", "JPEG2000", "image/jpeg2000"),
    _image("JPEG 2000", "image/jpx", "jpx jpf", "JPEG2000", "image/jpm"),
    _image("JPEG 2000", "image/j2c", "j2c j2k jpc", "JPEG2000", "image/x-jp2-codestream"),
    _image("TIFF", "image/tiff", "tif tiff", "TIFF"),
    _image("BMP", "image/bmp", "bmp", "BMP", "image/x-ms-bmp"),
    _image("ICO", "image/x-icon", "ico cur", "ICO", "image/vnd.microsoft.icon image/x-win-bitmap"),
    _image("ICNS", "image/icns", "icns", "ICNS", "image/x-icns"),
    _image("Photoshop", "image/vnd.adobe.photoshop", "psd", "PSD", "image/x-photoshop"),
    _image("TGA", "image/x-targa", "tga icb vda vst", "TGA", "image/x-tga"),
    _image("PBM", "image/x-portable-bitmap", "pbm", "PPM"),
    _image("PGM", "image/x-portable-graymap", "pgm", "PPM", "image/x-portable-greymap"),
    _image("PPM", "image/x-portable-pixmap", "ppm pnm", "PPM"),
    _still("PAM", "image/x-portable-arbitrarymap", "pam", "pam_pipe"),
    _still("PFM", "image/x-portable-floatmap", "pfm", "pfm_pipe"),
    _still("QOI", "image/qoi", "qoi", "qoi_pipe"),
    _image("DDS", "image/vnd-ms.dds", "dds", "DDS", "image/x-dds"),
    _image("PCX", "image/vnd.zbrush.pcx", "pcx", "PCX", "image/x-pcx"),
    _still("SGI", "image/sgi", "sgi rgb rgba bw", "sgi_pipe", "image/x-sgi"),
    _still("OpenEXR", "image/x-exr", "exr", "exr_pipe", "image/aces"),
    _still("Radiance HDR", "image/vnd.radiance", "hdr", "hdr_pipe"),
    _still("DPX", "image/x-dpx", "dpx", "dpx_pipe"),
    _still("JPEG-LS", "image/jls", "jls", "jpegls_pipe"),
    _still("XWD", "image/x-xwindowdump", "xwd", "xwd_pipe"),
    Format("HEIC sequence", "image/heic-sequence", ("heics",), maker="posters", other_endings=("heic", "heif", "hif")),
    Format("HEIF sequence", "image/heif-sequence", ("heifs",), maker="posters", other_endings=("heif", "heic", "hif")),
    _image("Sun Raster", "image/x-sun-raster", "ras sun", "SUN"),
    _image("XBM", "image/x-xbitmap", "xbm", "XBM"),
    _image("XPM", "image/x-xpixmap", "xpm", "XPM", "image/x-xpmi"),
    Format("SVG", "image/svg+xml", ("svg", "svgz"), maker="svg"),
)
SOUNDS = (
    _recording("MP3", "audio/mpeg", "mp3 mp2 mp1 mpga", "audio/mp3 audio/x-mp3"),
    _recording("AAC", "audio/aac", "aac adts", "audio/x-hx-aac-adts audio/x-aac"),
    _recording("AAC", "audio/mp4a-latm", "loas latm", "audio/x-mp4a-latm"),
    _recording("M4A", "audio/mp4", "m4a m4b", "audio/x-m4a", _MPEG_4),
    _recording("3GP", "audio/3gpp", "3gp 3ga", "", _MPEG_4),
    _recording("3GP2", "audio/3gpp2", "3g2", "", _MPEG_4),
    _recording("OGG", "audio/ogg", "ogg oga opus spx", "application/ogg", _OGG),
    _recording("WebM", "audio/webm", "weba webm", "", _MATROSKA),
    _recording("MKA", "audio/x-matroska", "mka", "audio/matroska", _MATROSKA),
    _recording("WAV", "audio/wav", "wav wave", "audio/x-wav audio/vnd.wave"),
    _recording("Wave64", "audio/x-w64", "w64"),
    _recording("AIFF", "audio/aiff", "aiff aif aifc", "audio/x-aiff"),
    _recording("AU", "audio/basic", "au snd", "audio/x-dec-basic"),
    _recording("CAF", "audio/x-caf", "caf"),
    _recording("FLAC", "audio/flac", "flac", "audio/x-flac"),
    _recording("WavPack", "audio/x-wavpack", "wv"),
    _recording("TTA", "audio/x-tta", "tta"),
    _recording("TAK", "audio/x-tak", "tak"),
    _recording("Monkey’s Audio", "audio/x-ape", "ape"),
    _recording("Musepack", "audio/x-musepack", "mpc"),
    _recording("WMA", "audio/x-ms-wma", "wma", "", _ASF),
    _recording("AVI", "audio/avi", "avi"),
    _recording("FLV", "audio/x-flv", "flv", "", "f4v"),
    _recording("TS", "audio/mp2t", "ts mts m2ts", "", _MPEG),
    _recording("MPEG", "audio/mp2p", "mpg mpeg", "", _MPEG),
    _recording("AMR", "audio/amr", "amr"),
    _recording("AMR-WB", "audio/amr-wb", "awb amr"),
    _recording("AC-3", "audio/ac3", "ac3"),
    _recording("E-AC-3", "audio/eac3", "eac3 ec3"),
    _recording("DTS", "audio/vnd.dts", "dts"),
    _recording("TrueHD", "audio/vnd.dolby.mlp", "thd mlp"),
    _recording("DSF", "audio/x-dsf", "dsf"),
    _recording("VOC", "audio/x-voc", "voc"),
)
VIDEOS = (
    _recording("MP4", "video/mp4", "mp4 m4v f4v", "video/x-m4v", _MPEG_4),
    _recording("MOV", "video/quicktime", "mov qt quicktime", "", _MPEG_4),
    _recording("3GP", "video/3gpp", "3gp", "", _MPEG_4),
    _recording("3GP2", "video/3gpp2", "3g2", "", _MPEG_4),
    _recording("WebM", "video/webm", "webm", "", _MATROSKA),
    _recording("MKV", "video/x-matroska", "mkv mk3d", "video/matroska", _MATROSKA),
    _recording("OGV", "video/ogg", "ogv ogg", "", _OGG),
    _recording("AVI", "video/x-msvideo", "avi divx", "video/vnd.avi video/avi"),
    _recording("WMV", "video/x-ms-wmv", "wmv asf", "video/x-ms-asf", _ASF),
    _recording("FLV", "video/x-flv", "flv", "", "f4v"),
    _recording("MPEG", "video/mpeg", "mpg mpeg mpe m1v m2v mpv vob", "", _MPEG),
    _recording("TS", "video/mp2t", "ts mts m2ts", "", _MPEG),
    _recording("DV", "video/dv", "dv dif", "video/x-dv"),
)
DOCUMENTS = (Format("PDF", "application/pdf", ("pdf",), maker="pdf"),)
SUPPORTED = (*IMAGES, *SOUNDS, *VIDEOS, *DOCUMENTS)

# Media types that a browser shows without running anything in them.
INLINE_TYPES = frozenset({
    "image/png", "image/apng", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
    "video/mp4", "video/webm", "video/quicktime",
    "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac", "audio/aac", "audio/webm",
})  # fmt: skip
# What a container of videos is if there is nothing but sound in it.
WITHOUT_VIDEO = {
    "video/mp4": "audio/mp4",
    "video/quicktime": "audio/mp4",
    "video/3gpp": "audio/3gpp",
    "video/3gpp2": "audio/3gpp2",
    "video/webm": "audio/webm",
    "video/x-matroska": "audio/x-matroska",
    "video/ogg": "audio/ogg",
    "video/x-ms-wmv": "audio/x-ms-wma",
    "video/x-msvideo": "audio/avi",
    "video/x-flv": "audio/x-flv",
    "video/mp2t": "audio/mp2t",
    "video/mpeg": "audio/mp2p",
}

# Named in words when they are refused. Their types are never sent.
UNSUPPORTED = (
    _unsupported("Photoshop Big (PSB)", "image/x-psb"),
    _unsupported("PNG of an iPhone app (CgBI)", "image/x-apple-png"),
    _unsupported("Cineon", "image/x-cineon"),
    _unsupported("FITS", "image/fits"),
    _unsupported("JPEG XR", "image/jxr"),
    _unsupported("BPG", "image/bpg"),
    _unsupported("FLIF", "image/flif"),
    _unsupported("GIMP", "image/x-xcf"),
    _unsupported("GIMP brush", "image/x-gimp-gbr image/x-gimp-gih image/x-gimp-pat"),
    _unsupported("Paint.NET", "image/x-paintnet"),
    _unsupported("CorelDRAW", "image/x-corel-cpt image/x-corel-des image/x-corel-bmf application/vnd.corel-draw"),
    _unsupported("DjVu", "image/vnd.djvu"),
    _unsupported("AutoCAD", "image/vnd.dwg"),
    _unsupported("Windows Metafile", "image/wmf image/emf"),
    _unsupported("WordPerfect graphics", "image/x-wpg"),
    _unsupported("EPS and PostScript", "image/x-eps application/postscript"),
    _unsupported("FlashPix", "image/vnd.fpx"),
    _unsupported("DIB", "image/x-dib"),
    _unsupported("OS/2 bitmap", "image/x-os2-graphics image/x-os2-ico image/x-ibm-pointer"),
    _unsupported("DCX", "image/x-dcx"),
    _unsupported("ILBM", "image/x-ilbm image/x-iff"),
    _unsupported("MIFF", "image/x-miff image/x-mvg"),
    _unsupported("X cursor", "image/x-xcursor"),
    _unsupported("BLP", "image/x-blp"),
    _unsupported("KTX", "image/ktx image/ktx2"),
    _unsupported("MNG", "video/x-mng"),
    _unsupported("JNG", "image/x-jng video/x-jng"),
    _unsupported("Canon RAW (CR2)", "image/x-canon-cr2"),
    _unsupported("Canon RAW (CR3)", "image/x-canon-cr3"),
    _unsupported("Canon RAW (CRW)", "image/x-canon-crw"),
    _unsupported("Nikon RAW (NEF)", "image/x-nikon-nef"),
    _unsupported("Sony RAW (ARW)", "image/x-sony-arw"),
    _unsupported("Fujifilm RAW (RAF)", "image/x-fuji-raf"),
    _unsupported("Olympus RAW (ORF)", "image/x-olympus-orf"),
    _unsupported("Panasonic RAW (RW2)", "image/x-panasonic-rw2"),
    _unsupported("Pentax RAW (PEF)", "image/x-pentax-pef"),
    _unsupported("Samsung RAW (SRW)", "image/x-samsung-srw"),
    _unsupported("Sigma RAW (X3F)", "image/x-x3f"),
    _unsupported("Minolta RAW (MRW)", "image/x-minolta-mrw"),
    _unsupported("Adobe DNG", "image/x-adobe-dng"),
    _unsupported("Camera RAW", "image/x-raw"),
    _unsupported("MIDI", "audio/midi audio/mid audio/sp-midi audio/x-mids"),
    _unsupported("Tracker music (MOD)", "audio/x-mod"),
    _unsupported("Tracker music (XM)", "audio/x-xm"),
    _unsupported("Tracker music (S3M)", "audio/x-s3m"),
    _unsupported("Tracker music (IT)", "audio/x-it"),
    _unsupported("SoundFont", "audio/x-sfbk"),
    _unsupported("ADIF (AAC)", "audio/x-hx-aac-adif"),
    _unsupported("RealAudio", "audio/x-pn-realaudio"),
    _unsupported("RealMedia", "application/vnd.rn-realmedia video/vnd.rn-realvideo"),
    _unsupported("DSDIFF", "audio/x-dff"),
    _unsupported("ADX", "audio/x-adx"),
    _unsupported("8SVX", "audio/x-8svx"),
    _unsupported("IRCAM", "audio/x-ircam"),
    _unsupported("SoX", "audio/x-sox"),
    _unsupported("OptimFROG", "audio/x-ofr"),
    _unsupported("Shorten", "audio/x-shorten"),
    _unsupported("ATRAC", "audio/x-oma"),
    _unsupported("SMAF", "audio/x-smaf"),
    _unsupported("QCELP", "audio/qcelp"),
    _unsupported("Codec 2", "audio/x-codec2"),
    _unsupported("Console music", "audio/x-psf audio/x-sap audio/x-vgm audio/x-bcstm audio/x-bcwav audio/x-bfstm "
                 "audio/x-brstm audio/prs.sid audio/x-nsf audio/x-ast"),
    _unsupported("FLI and FLC", "video/x-fli video/x-flc"),
    _unsupported("Motion JPEG 2000", "video/mj2"),
    _unsupported("MXF", "application/mxf video/mxf"),
    _unsupported("GXF", "video/x-gxf"),
    _unsupported("IVF", "video/x-ivf"),
    _unsupported("Y4M", "video/x-yuv4mpeg"),
    _unsupported("NUT", "video/x-nut"),
    _unsupported("WTV", "video/x-wtv"),
    _unsupported("AMV", "video/x-amv"),
    _unsupported("MPEG-4 stream", "video/mpeg4-generic"),
    _unsupported("H.264 stream", "video/h264"),
    _unsupported("H.265 stream", "video/h265"),
    _unsupported("AV1 stream", "video/x-obu"),
    _unsupported("Dirac", "video/x-dirac"),
    _unsupported("SMJPEG", "video/x-smjpeg"),
    _unsupported("Flash", "application/x-shockwave-flash video/x-shockwave-flash"),
    _unsupported("Silicon Graphics movie", "video/x-sgi-movie"),
    _unsupported("DVD index (IFO)", "video/x-ifo"),
    _unsupported("Game video", "video/x-4xmv video/x-smacker video/x-bink video/x-roq video/x-film-cpk"),
    _unsupported("VideoCD", "video/x-cdxa"),
    _unsupported("DVB", "video/vnd.dvb.file"),
    _unsupported("Video recorder", "video/x-vdr"),
    _unsupported("Microsoft animation", "video/x-mmm"),
)  # fmt: skip
FORMATS = (*SUPPORTED, *UNSUPPORTED)
