/**
 * Bytes go past the call channel: the page fetches them by URL, from the loopback server in a browser and from the
 * app's own scheme in Electron.
 *
 *     /data/pixels/ITEM/REVISION/COMPONENT/SLICE   float32 little endian [rows, columns], or rgba8
 *     /data/volume/ITEM/REVISION/COMPONENT         all slices, one after the other
 *     /data/thumbnail/ITEM/REVISION                PNG
 *     /data/file/ITEM/NAME                         a file the item's description lists
 *     /data/preview/JOB/REVISION                   running estimate, float32 [rows, columns]
 *     /data/preview/JOB/REVISION/AXIS              its plane across z, y or x
 *     /data/download/KEY                           what an export offers
 */
export const dataRoutes = {
  pixels: (item: string, revision: number, component: string, slice: number) =>
    `/data/pixels/${item}/${revision}/${component}/${slice}`,
  volume: (item: string, revision: number, component: string) => `/data/volume/${item}/${revision}/${component}`,
  thumbnail: (item: string, revision: number) => `/data/thumbnail/${item}/${revision}`,
  file: (item: string, name: string) => `/data/file/${item}/${name.split('/').map(encodeURIComponent).join('/')}`,
  preview: (job: string, revision: number, axis?: 'z' | 'y' | 'x') =>
    `/data/preview/${job}/${revision}${axis === undefined ? '' : `/${axis}`}`,
  download: (key: string) => `/data/download/${key}`,
};
