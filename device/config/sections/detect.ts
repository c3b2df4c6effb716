import { z } from 'zod';
import { live } from '../live-field.ts';

export const detect = z
  .strictObject({
    detector: z
      .enum(['auto', 'yunet', 'blazeface', 'haar'])
      .default('auto')
      .describe(
        'Which detector finds the faces; auto: the first of YuNet, BlazeFace and the Haar cascade that is there. models/README.md says what each was trained on and what its licence allows.',
      ),
    minScore: live(
      z
        .number()
        .min(0.1)
        .max(0.99)
        .default(0.7)
        .describe(
          'Score from which a new face counts (YuNet and BlazeFace, on the same scale). A weaker detection only continues a face that is already tracked.',
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
          'Smaller faces in the frame are ignored. How small a face can be found also depends on detect.inputWidth.',
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
          'Width to which the frame is scaled for detection; YuNet then finds faces of 14 pixels and more. 0: automatic (320 for frames up to 640 wide, else 60 % of the width, at most 1152). BlazeFace uses 80 % of it and finds the same faces. Half the width takes a quarter of the time.',
        ),
    ),
    threads: z
      .int()
      .min(0)
      .max(16)
      .default(0)
      .describe('Threads of a detection (YuNet and BlazeFace). 0: as for classify.threads.'),
    adaptive: live(
      z
        .boolean()
        .default(true)
        .describe(
          'Detects and classifies in fewer frames while nothing changes in front of a camera. false: in every frame, as mien analyze and camera.pace max do.',
        ),
    ),
  })
  .prefault({});
