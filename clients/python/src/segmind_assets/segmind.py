"""In the place of Segmind's SDK: uploads go to the library, and whatever else a script asks for is the SDK's own.

`from segmind_assets.segmind import SegmindClient`, or `from segmind_assets import segmind`.
"""

import importlib
from functools import cached_property
from typing import Any

from segmind_assets.library import Library
from segmind_assets.sdk import FilePaths, Files, Uploaded


class SegmindClient:
    """The arguments are for the SDK: the library is that of `assets login`, or of ASSETS_URL and ASSETS_TOKEN."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._arguments, self._options = arguments, options

    @cached_property
    def files(self) -> Files:
        return Library().files

    @cached_property
    def _of_the_sdk(self) -> Any:
        return _import_sdk().SegmindClient(*self._arguments, **self._options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._of_the_sdk, name)


class _Files:
    def upload(self, file_paths: FilePaths) -> Uploaded:
        return Library().files.upload(file_paths)


files = _Files()


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(_import_sdk(), name)


def _import_sdk() -> Any:
    try:
        return importlib.import_module("segmind")
    except ImportError:
        raise ImportError("Only uploads work without the SDK of Segmind. Install it: pip install segmind") from None
