"""What the process of a trial runs: it reads a path, tries that file and writes the result, line by line, in JSON."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import django
from django.core.management import call_command


def main() -> None:
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answers:
        # What a library prints is no answer.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        django.setup()
        call_command("migrate", verbosity=0)
        from assets.models import User
        from assets.trial.attempt import attempt

        owner, _ = User.objects.get_or_create(username="trial")
        print("ready", file=answers, flush=True)
        for line in sys.stdin:
            path, name = json.loads(line)
            result = attempt(Path(path), name, owner)
            print(json.dumps(asdict(result)), file=answers, flush=True)


if __name__ == "__main__":
    main()
