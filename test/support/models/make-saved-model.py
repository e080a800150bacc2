"""Makes the SavedModel of the tests, `saved-model/` beside this file: signatures that Node's binding carries, and some that
it does not. Needs TensorFlow: .venv/tensorflow/bin/python test/support/models/make-saved-model.py"""

import os
import shutil

import tensorflow as tf


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        weights = [[((7 * row + 3 * column) % 11 - 5) / 8 for column in range(3)] for row in range(4)]
        self.weights = tf.Variable(weights, dtype=tf.float32)
        self.bias = tf.Variable([0.25, -0.5, 1.0], dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def classify(self, x):
        scores = tf.nn.softmax(tf.matmul(tf.tanh(x), self.weights) + self.bias)
        return {"probabilities": scores, "label": tf.argmax(scores, axis=1)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="word"), tf.TensorSpec([None, 2], tf.string, name="pair")])
    def join(self, word, pair):
        return {"joined": tf.strings.join([word, pair[:, 0], pair[:, 1]], "·"), "length": tf.strings.length(word)}

    @tf.function(input_signature=[
        tf.TensorSpec([None, 2], tf.int64, name="big"), tf.TensorSpec([None, 2], tf.int32, name="small"),
        tf.TensorSpec([None, 2], tf.uint8, name="byte"), tf.TensorSpec([None, 2], tf.bool, name="flag"),
    ])
    def exact(self, big, small, byte, flag):
        return {"big": big + 1, "small": small + tf.cast(byte, tf.int32), "flag": tf.logical_not(flag)}

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float64, name="x")])
    def wide(self, x):
        return {"half": x / 2}

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, name="x")])
    def shapeless(self, x):
        return {"y": tf.reshape(x, tf.concat([tf.shape(x), tf.ones([tf.shape(x)[1] // 2], tf.int32)], 0))}

    @tf.function(input_signature=[tf.TensorSpec([2, 4], tf.float32, name="x")])
    def fixed(self, x):
        return {"y": x}


folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "saved-model")
shutil.rmtree(folder, ignore_errors=True)
model = Model()
tf.saved_model.save(model, folder, signatures={
    "serving_default": model.classify, "join": model.join, "exact": model.exact, "wide": model.wide, "shapeless": model.shapeless, "fixed": model.fixed,
})
# What tells one save from another: the model is the same without it.
os.remove(os.path.join(folder, "fingerprint.pb"))
