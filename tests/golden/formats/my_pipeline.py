"""Whether somebody buys, from age and favourite colour."""

from pathlib import Path

from torch import cat, nn

import headrace as hr

TABLE = Path(__file__).with_name("people.csv")


def load(_data_dir):
    rows = hr.Dataset.from_csv(TABLE)
    return hr.Splits(train=rows.skip(40), test=rows.take(40))


def preprocess(inputs):
    t = hr.transform
    colours = t.compute_and_apply_vocabulary(inputs["colour"], num_oov_buckets=1, vocab_filename="colour")
    age = t.fill_missing(inputs["age"], t.mean(inputs["age"]))
    return {"age": t.scale_to_z_score(age), "colour": colours, "buys": inputs["buys"]}


class Network(nn.Module):
    def __init__(self, colours):
        super().__init__()
        self.embedding = nn.Embedding(colours, 2)
        self.last = nn.Linear(3, 2)

    def forward(self, age, colour):
        return self.last(cat([self.embedding(colour), age[:, None]], dim=1))


def build_model(transform, _name):
    return Network(len(transform.vocabularies["colour"]) + 1)


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    label="buys",
    head=hr.deploy.Classifier(("no", "yes")),
    epochs=2,
    batch_size=32,
)
