//! In the place of d3-color (see vite.config.ts), which d3-interpolate holds on to although the one
//! thing asked of it, the path of a zoom, knows no colours: a tenth of the map's code. Never:
//! called.

function never(): never {
  throw new Error("the map interpolates no colours");
}

export { never as color, never as cubehelix, never as hcl, never as hsl, never as lab, never as rgb };
