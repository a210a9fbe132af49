"""scikit-learn, in the environment of `bench/requirements-sklearn.txt`."""
