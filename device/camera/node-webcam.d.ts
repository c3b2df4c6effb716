/** node-webcam 0.8 has no types of its own. These cover the part that Mien uses. */
declare module 'node-webcam' {
  namespace NodeWebcam {
    interface Options {
      device?: string | false;
      width?: number;
      height?: number;
      quality?: number;
      output?: 'jpeg' | 'png';
      callbackReturn?: 'location' | 'buffer' | 'base64';
      saveShots?: boolean;
    }
    interface Webcam {
      capture(location: string, callback: (error: Error | null, location: string) => void): void;
      list(callback: (devices: string[]) => void): void;
    }
  }
  const NodeWebcam: {
    create(options: NodeWebcam.Options): NodeWebcam.Webcam;
    list(callback: (devices: string[]) => void): void;
  };
  export default NodeWebcam;
}
