"""A small convolutional net in numpy: two 3x3 convolutions with ReLU and 2x2 max pooling, one dense layer, softmax.

Trained by Adam on the cross entropy. Small enough that a framework would be the larger part.
"""

import numpy as np


class ConvNet:
    """Square pictures [N, 1, side, side] -> log-odds [N, classes]; side must be a multiple of four."""

    def __init__(self, side, channels, classes, seed):
        self.rng = np.random.default_rng(seed)
        c1, c2 = channels
        flat = c2 * (side // 4) ** 2
        self.weights = [
            self._he((c1, 1, 3, 3), 9), np.zeros(c1),
            self._he((c2, c1, 3, 3), 9 * c1), np.zeros(c2),
            self._he((flat, classes), flat), np.zeros(classes),
        ]

    def fit(self, pictures, labels, epochs, batch=32, rate=3e-3, decay=1e-4):
        moments = [(np.zeros_like(w), np.zeros_like(w)) for w in self.weights]
        step = 0
        for _ in range(epochs):
            order = self.rng.permutation(len(pictures))
            for start in range(0, len(order), batch):
                rows = order[start:start + batch]
                step += 1
                gradients = self._gradients(pictures[rows], labels[rows])
                for w, g, (mean, square) in zip(self.weights, gradients, moments):
                    g = g + decay * w
                    mean += 0.1 * (g - mean)
                    square += 0.001 * (g * g - square)
                    w -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        return self

    def _he(self, shape, fan_in):
        return self.rng.normal(0, np.sqrt(2 / fan_in), shape)

    def _gradients(self, pictures, labels):
        k1, c1, k2, c2, w, b = self.weights
        conv1, patches1 = _convolve(pictures, k1, c1)
        pool1, mask1 = _pool(np.maximum(conv1, 0))
        conv2, patches2 = _convolve(pool1, k2, c2)
        pool2, mask2 = _pool(np.maximum(conv2, 0))
        flat = pool2.reshape(len(pictures), -1)
        logits = flat @ w + b
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = odds / odds.sum(axis=1, keepdims=True)
        error[np.arange(len(labels)), labels] -= 1
        error /= len(labels)

        back2 = _unpool((error @ w.T).reshape(pool2.shape), mask2) * (conv2 > 0)
        gk2, gc2 = _kernel_gradient(back2, patches2, k2.shape)
        turned = k2[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        back1 = _unpool(_convolve(back2, turned, 0)[0], mask1) * (conv1 > 0)
        gk1, gc1 = _kernel_gradient(back1, patches1, k1.shape)
        return gk1, gc1, gk2, gc2, flat.T @ error, error.sum(axis=0)


def _convolve(pictures, kernels, bias):
    """Same-size 3x3 convolution; also returns the patches [N, H, W, in*9] that the gradient needs."""
    n, c, h, w = pictures.shape
    padded = np.pad(pictures, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n, h, w, c * 9)
    out = patches @ kernels.reshape(len(kernels), -1).T + bias
    return out.transpose(0, 3, 1, 2), patches


def _kernel_gradient(back, patches, shape):
    by_place = back.transpose(0, 2, 3, 1).reshape(-1, shape[0])
    return (by_place.T @ patches.reshape(len(by_place), -1)).reshape(shape), by_place.sum(axis=0)


def _pool(pictures):
    """2x2 maximum, and where it lay (the first of equals)."""
    n, c, h, w = pictures.shape
    cells = pictures.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // 2, w // 2, 4)
    mask = np.arange(4) == cells.argmax(axis=-1)[..., None]
    return cells.max(axis=-1), mask


def _unpool(back, mask):
    n, c, h, w, _ = mask.shape
    cells = (back[..., None] * mask).reshape(n, c, h, w, 2, 2)
    return cells.transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h * 2, w * 2)
