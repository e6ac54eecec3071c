"""Makes Tests/Fixtures/clip/metrics.json: PSNR and SSIM of two pictures, by their definitions in numpy.

python calibration/goldens/metrics.py

SSIM is Wang et al. 2004 (11 x 11 Gaussian window, sigma 1.5, K1 = 0.01, K2 = 0.03), the mean over the channels: the
same as skimage's structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255,
channel_axis=2).
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

TARGET = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "clip"


def gaussian(count=11, sigma=1.5):
    distances = np.arange(count) - count // 2
    weights = np.exp(-(distances**2) / (2 * sigma**2))
    return np.outer(weights, weights) / weights.sum() ** 2


def ssim(first, second):
    window = gaussian()
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

    def means(values):
        views = np.lib.stride_tricks.sliding_window_view(values, window.shape)
        return np.einsum("ijkl,kl->ij", views, window)

    channels = []
    for channel in range(3):
        x, y = first[..., channel].astype(float), second[..., channel].astype(float)
        mx, my = means(x), means(y)
        vx, vy, cov = means(x * x) - mx**2, means(y * y) - my**2, means(x * y) - mx * my
        channels.append(
            np.mean((2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2)))
        )
    return float(np.mean(channels))


def psnr(first, second):
    error = np.mean((first.astype(float) - second.astype(float)) ** 2)
    return float(10 * np.log10(255**2 / error))


def main():
    cases = []
    for name in ["square", "small"]:
        image = Image.open(TARGET / f"{name}.png").convert("RGB")
        blurred = image.filter(ImageFilter.GaussianBlur(0.8))
        blurred.save(TARGET / f"{name}-blurred.png", optimize=True)
        pair = np.asarray(image), np.asarray(blurred)
        cases.append({"picture": name, "psnr": psnr(*pair), "ssim": ssim(*pair)})
    (TARGET / "metrics.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")
    print(cases)


if __name__ == "__main__":
    main()
