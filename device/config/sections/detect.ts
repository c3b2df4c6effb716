import { z } from 'zod';
import { live } from '../live-field.ts';

export const detect = z
  .strictObject({
    detector: z
      .enum(['auto', 'yunet', 'blazeface', 'haar'])
      .default('auto')
      .describe(
        'Face detector. auto: the first available of YuNet, BlazeFace and the Haar cascade. models/README.md lists the training data and the licence of each.',
      ),
    minScore: live(
      z
        .number()
        .min(0.1)
        .max(0.99)
        .default(0.7)
        .describe(
          'Minimum score of a detection that starts a new track (YuNet and BlazeFace, same scale). A detection below it can only continue an existing track.',
        ),
    ),
    minFace: live(
      z
        .int()
        .min(10)
        .max(400)
        .default(12)
        .meta({ unit: 'pixels' })
        .describe(
          'Minimum size of a face in the frame; smaller faces are ignored. detect.inputWidth also limits how small a face can be detected.',
        ),
    ),
    inputWidth: live(
      z
        .int()
        .min(0)
        .max(1280)
        .multipleOf(32)
        .default(0)
        .meta({ unit: 'pixels' })
        .describe(
          'Width to which the frame is scaled for detection. In the scaled frame YuNet detects faces of 14 pixels and more. 0: automatic (320 for frames up to 640 wide, otherwise 60 % of the width, at most 1152). BlazeFace uses 80 % of this width and detects the same faces. Half the width takes a quarter of the time.',
        ),
    ),
    threads: z
      .int()
      .min(0)
      .max(16)
      .default(0)
      .describe('Number of threads of a detection (YuNet and BlazeFace). 0: the number that classify.threads uses.'),
    adaptive: live(
      z
        .boolean()
        .default(true)
        .describe(
          'Detects and classifies in fewer frames while nothing changes in front of the camera. false: in every frame, as with mien analyze and camera.pace max.',
        ),
    ),
  })
  .prefault({});
