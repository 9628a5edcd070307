/** Stands in every viewport; no setting takes it away. */
export const researchNotice = 'Research use only – not for diagnostic use';
