using Fovea.Models;
using Fovea.Models.Detection;
using Fovea.Models.Segmentation;
using Fovea.Torch;

namespace Fovea.Explain;

/// <summary>Runs any network on pictures that are normalised and sized already, for the sake of what its layers give.</summary>
internal static class NetworkRun
{
    public static void On(VisionModel model, Tensor images)
    {
        using var scope = new TensorScope();
        var (size, count) = (new ImageSize((int)images.Shape[2], (int)images.Shape[3]), (int)images.Shape[0]);
        if (model is Detector detector)
            detector.Detect(images, [.. Enumerable.Repeat(size, count)]);
        else if (model is Segmenter segmenter)
            segmenter.Scores(new Batch { Images = images, Origins = [.. Enumerable.Repeat(new ImageOrigin("picture", "picture", size, size), count)] });
        else
            model.Forward(images);
    }
}
