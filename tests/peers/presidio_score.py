"""Presidio's credit card recogniser, unmodified, over our labelled corpus.

    presidio_score.py < CASES.jsonl > OUTPUTS.jsonl      cases have `id` and `text`; outputs `id`, `output`, `again`
    presidio_score.py --speed FILE                       MB/s of analyse and anonymise, one core, FILE in 16 KiB pieces

Card numbers become asterisks, as many as they have characters. No language model takes part: the recogniser is a
pattern and a checksum. `again` is the output masked once more. Exit 2 on usage.
"""

import json
import sys
import time

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig

PIECE = 16 * 1024
ROUNDS = 3


def masker():
    """text -> masked text."""
    registry = RecognizerRegistry(recognizers=[CreditCardRecognizer()], supported_languages=["en"])
    engine = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])
    engine.load()
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    anonymizer = AnonymizerEngine()
    stars = {"CREDIT_CARD": OperatorConfig("custom", {"lambda": lambda number: "*" * len(number)})}

    def mask(text):
        found = analyzer.analyze(text=text, language="en", entities=["CREDIT_CARD"])
        return anonymizer.anonymize(text=text, analyzer_results=found, operators=stars).text if found else text

    return mask


def score(mask):
    for line in sys.stdin:
        case = json.loads(line)
        output = mask(case["text"])
        print(json.dumps({"id": case["id"], "output": output, "again": mask(output)}))


def speed(mask, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for piece in pieces:
            mask(piece)
        best = min(best, time.perf_counter() - started)
    print(f"{len(text.encode()) / best / 1e6:.2f} MB/s")


def main():
    match sys.argv[1:]:
        case []:
            score(masker())
        case ["--speed", path]:
            speed(masker(), path)
        case _:
            print(__doc__, file=sys.stderr)
            sys.exit(2)


if __name__ == "__main__":
    main()
