"""tally.py PROGRAMS LOG: cargo test's own summary lines once more, then the number of tests by kind, then what failed:
each test by its name, with where it panicked, and each program that died before it could say how its tests went.

PROGRAMS is what `cargo test --no-run --message-format=json` said, LOG what the run printed.
"""

import json
import pathlib
import re
import sys

# Of what a failed test printed, or of what came before the end of a program that died.
MOST_LINES = 12
KINDS = ["unit and property", "storage and other crates", "http", "process and browser"]


def kind_of(package, target):
    if target in ("lib", "bin"):
        return KINDS[0]
    return {"doorward-server": KINDS[2], "doorward-e2e": KINDS[3]}.get(package, KINDS[1])


def programs(path):
    """The file name of each test program, with its crate and the kind of its tests."""
    found = {}
    for line in path.read_text().splitlines():
        message = json.loads(line)
        if message.get("executable") and message.get("profile", {}).get("test"):
            # .../crates/store#doorward-store@0.1.0, or path+file:///.../doorward-store#0.1.0
            package = re.search(r"([\w-]+)(?:@|#)[\d.]+$", message["package_id"]).group(1)
            name = pathlib.Path(message["executable"]).name
            found[name] = (package, message["target"]["name"], kind_of(package, message["target"]["kind"][0]))
    return found


def main():
    known = programs(pathlib.Path(sys.argv[1]))
    counts = {kind: [0, 0, 0] for kind in KINDS}
    current = None
    summaries, failures = [], []
    log = pathlib.Path(sys.argv[2]).read_text(errors="replace").splitlines()
    for number, line in enumerate(log):
        if started := re.match(r"\s+Running .*\(.*?/?([^/]+)\)$", line):
            current = known.get(started.group(1), (started.group(1), "", KINDS[0]))
        elif started := re.match(r"\s+Doc-tests (\S+)", line):
            current = (started.group(1), "documentation", KINDS[0])
        elif result := re.search(r"test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored", line):
            numbers = [int(count) for count in result.groups()]
            crate, target, kind = current
            counts[kind] = [total + count for total, count in zip(counts[kind], numbers)]
            if any(numbers):
                summaries.append(f"{crate + ' ' + target:44} {line[line.index('test result:'):]}")
        elif panicked := re.match(r"---- (\S+) std(out|err) ----$", line):
            failures += [f"{' '.join(current[:2])}: {panicked.group(1)}", *log[number + 1 : number + MOST_LINES]]
        elif "process didn't exit successfully" in line and "(exit status: 101)" not in line:
            failures += [f"{' '.join(current[:2])} died; before that", *log[number - MOST_LINES : number + 1]]
    print()
    print("\n".join(summaries))
    if failures:
        print("\nFailures\n" + "\n".join(failures))
    print()
    for kind, (passed, failed, ignored) in counts.items():
        print(f"{kind + ' tests':32} {passed:5} passed  {failed:3} failed  {ignored:3} ignored")
    if not summaries:
        sys.exit("No test ran.")


main()
