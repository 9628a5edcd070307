"""The "film-resunet" of engine/prior/architectures/film-resunet.ts, in PyTorch, with the same tensor names.

A U-Net without normalisation layers: convolution, ReLU, convolution, residual sum. Feature-wise scale and shift
(FiLM) from the noise level enter once per stage. Channels w, 2w, 4w, 8w at 1, 1/2, 1/4, 1/8 of the resolution;
2x2 stride-2 convolutions go down, 1x1 convolutions with depth-to-space go up, skips are added.

Preconditioning (Karras et al. 2022, eq. 7) with sigma_data s: D(x; sigma) = c_skip x + c_out F(c_in x; ln(sigma)/4).
"""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.conv1 = nn.Conv2d(ch, ch, 3, padding=1)
        self.conv2 = nn.Conv2d(ch, ch, 3, padding=1)
        with torch.no_grad():
            self.conv2.weight.mul_(0.2)

    def forward(self, x):
        return x + self.conv2(F.relu(self.conv1(x)))


class Stage(nn.Module):
    def __init__(self, ch, n_blocks, emb):
        super().__init__()
        self.film = nn.Linear(emb, 2 * ch)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)
        self.blocks = nn.ModuleList(Block(ch) for _ in range(n_blocks))

    def forward(self, x, emb):
        scale, shift = self.film(emb)[:, :, None, None].to(x.dtype).chunk(2, dim=1)
        x = x * (1 + scale) + shift
        for block in self.blocks:
            x = block(x)
        return x


class FilmResUNet(nn.Module):
    def __init__(self, channels=2, width=32, mult=(1, 2, 4, 8), blocks=(1, 2, 2, 2), emb=128):
        super().__init__()
        ch = [width * m for m in mult]
        self.emb = emb
        self.time1 = nn.Linear(emb, emb)
        self.time2 = nn.Linear(emb, emb)
        self.head = nn.Conv2d(channels, ch[0], 3, padding=1)
        n = len(ch) - 1
        self.down_stages = nn.ModuleList(Stage(ch[i], blocks[i], emb) for i in range(n))
        self.downs = nn.ModuleList(nn.Conv2d(ch[i], ch[i + 1], 2, stride=2) for i in range(n))
        self.middle = Stage(ch[n], blocks[n], emb)
        self.ups = nn.ModuleList(nn.Conv2d(ch[i + 1], 4 * ch[i], 1) for i in range(n))
        self.up_stages = nn.ModuleList(Stage(ch[i], blocks[i], emb) for i in range(n))
        self.tail = nn.Conv2d(ch[0], channels, 3, padding=1)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)

    def embed(self, c_noise):
        """c_noise [B] -> [B, emb]: cosines then sines of 2^(i/8)-spaced frequencies (i = 0 .. emb/2 - 1), then an MLP."""
        half = self.emb // 2
        freq = torch.exp(math.log(2.0) / 8 * torch.arange(half, dtype=torch.float32)) / 4
        arg = c_noise[:, None] * freq[None]
        e = torch.cat([arg.cos(), arg.sin()], dim=1)
        return F.relu(self.time2(F.relu(self.time1(e))))

    def forward(self, x, c_noise):
        emb = self.embed(c_noise)
        x = self.head(x)
        skips = []
        for stage, down in zip(self.down_stages, self.downs):
            x = stage(x, emb)
            skips.append(x)
            x = down(x)
        x = self.middle(x, emb)
        for i in reversed(range(len(self.ups))):
            x = F.pixel_shuffle(self.ups[i](x), 2) + skips[i]
            x = self.up_stages[i](x, emb)
        return self.tail(x)


def denoise(net, x, sigma, sigma_data):
    """Posterior mean of the clean image given x = clean + sigma * noise; x [B,C,H,W], sigma [B]."""
    s = sigma[:, None, None, None]
    total = s * s + sigma_data ** 2
    f = net(x / total.sqrt(), sigma.log() / 4)
    return x * (sigma_data ** 2 / total) + f.float() * (s * sigma_data / total.sqrt())
