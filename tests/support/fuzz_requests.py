"""schemathesis as `tests.fuzz_api` runs it: `python -m tests.support.fuzz_requests run URL`."""

from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis.cli import schemathesis as main
from schemathesis.core.parameters import ParameterLocation

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case, __: dict[str, Any]) -> None:
    """A right key is never used twice: the answer that is kept for it may name what was deleted meanwhile."""
    is_wrong = case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER)
    if KEY in (case.headers or {}) and not is_wrong:
        case.headers[KEY] = str(uuid4())


if __name__ == "__main__":
    main()
