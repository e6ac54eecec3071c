"""Writes the instruction that diffusers puts before every prompt to a Sana pipeline, as a JSON list of lines.

    python calibration/extract-instruction.py -o instruction.json
    sana-quant convert CHECKPOINT -o PACK --instruction instruction.json

The text is the default of `complex_human_instruction` in the SanaPipeline.__call__ of the installed diffusers. It is
read from the package's source, so neither torch nor transformers need be installed.
"""

import argparse
import ast
import importlib.util
import json
import sys
from pathlib import Path

CLASS, METHOD, ARGUMENT = "SanaPipeline", "__call__", "complex_human_instruction"


def pipeline_source():
    """The file that defines the pipeline, found without importing the package."""
    package = importlib.util.find_spec("diffusers")
    if package is None or package.origin is None:
        sys.exit(
            "extract-instruction: diffusers is not installed: `pip install diffusers` and run this again"
        )
    return Path(package.origin).parent / "pipelines" / "sana" / "pipeline_sana.py"


def default_in_source(source):
    """The default as the source spells it, or None where it is not written as a plain literal."""
    try:
        tree = ast.parse(source.read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return None
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == CLASS]
    methods = [
        node
        for node in (classes[0].body if classes else [])
        if isinstance(node, ast.FunctionDef) and node.name == METHOD
    ]
    if not methods:
        return None
    arguments = methods[0].args
    positional = arguments.posonlyargs + arguments.args
    named = list(zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults))
    named += list(zip(arguments.kwonlyargs, arguments.kw_defaults))
    for argument, default in named:
        if argument.arg == ARGUMENT and default is not None:
            try:
                return ast.literal_eval(default)
            except ValueError:
                return None
    return None


def default_in_signature():
    """The default of the imported class; this needs torch and transformers. None where it cannot be imported."""
    import inspect

    try:
        import diffusers

        return inspect.signature(getattr(diffusers, CLASS).__call__).parameters[ARGUMENT].default
    except (ImportError, RuntimeError, AttributeError, KeyError):
        return None


def is_instruction(value):
    return isinstance(value, list) and bool(value) and all(isinstance(line, str) for line in value)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", required=True, metavar="FILE")
    options = parser.parse_args()
    source = pipeline_source()
    lines = default_in_source(source)
    if not is_instruction(lines):
        lines = default_in_signature()
    if not is_instruction(lines):
        sys.exit(
            f"extract-instruction: {source} has no list of lines as the default of {ARGUMENT}: "
            "this version of diffusers is not one that the script knows"
        )
    try:
        Path(options.output).write_text(
            json.dumps(lines, indent=4, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    except OSError as error:
        sys.exit(f"extract-instruction: cannot write {options.output}: {error.strerror}")
    print(f"{len(lines)} lines written to {options.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
