// The pictures of the documentation, taken of the real pages: `cargo xtask pictures`.

import { defineConfig } from '@playwright/test';

import usual from './playwright.config.mjs';

export default defineConfig({ ...usual, testDir: './pictures', workers: 1, timeout: 300_000 });
