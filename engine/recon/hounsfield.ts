/**
 * Hounsfield units and attenuation: μ = μ_w (1 + HU/1000), HU = 1000 (μ/μ_w − 1), μ_w the attenuation of water. Air is
 * −1000 HU; what lies below is noise or padding, since attenuation is not negative.
 */

/** Attenuation of water at 70 keV, about the mean energy of a 120 kV spectrum; 1/mm (NIST XCOM: 0.1929 cm²/g). */
export const waterPerMm = 0.0193;

/** Attenuation in the unit of `water`, not below 0. */
export function attenuationOf(hounsfield: Float32Array, water: number): Float32Array {
  return hounsfield.map((value) => Math.max(0, water * (1 + value / 1000)));
}

export function hounsfieldOf(attenuation: Float32Array, water: number): Float32Array {
  return attenuation.map((value) => 1000 * (value / water - 1));
}
