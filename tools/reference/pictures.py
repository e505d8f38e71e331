"""The picture and the mask of the parity cases."""
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 48


def picture():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    sky = np.stack([120 + 60 * np.sin(x / 9), 150 + y, 220 - y * 2], -1)
    hill = (y > 26 + 8 * np.sin(x / 7))[..., None]
    return Image.fromarray(np.where(hill, [60, 120, 40], sky).clip(0, 255).astype(np.uint8))


def mask():
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    canvas[10:38, 21:51] = 255
    return Image.fromarray(canvas)
