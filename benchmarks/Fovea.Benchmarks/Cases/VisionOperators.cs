using Fovea.Ops;
using Fovea.Torch;

namespace Fovea.Benchmarks.Cases;

/// <summary>Suppression and region pooling at the sizes of a detector.</summary>
internal static class VisionOperators
{
    public static void MeasureNms()
    {
        var (boxes, scores) = RandomBoxes(5000, 800);
        Measurement.Report(() => Nms.Run(boxes, scores, 0.7).Dispose(), repetitions: 30);
    }

    public static void MeasureRoiAlign()
    {
        var (features, regions) = Inputs();
        Measurement.Report(() => RoiAlign.Run(features, regions, new ImageSize(7, 7), 0.25, samplingRatio: 2, aligned: false).Dispose(), repetitions: 20);
    }

    public static void MeasureRoiAlignBackward()
    {
        var (features, regions) = Inputs();
        features.RequiresGrad = true;
        Measurement.Report(
            () =>
            {
                using var scope = new TensorScope();
                RoiAlign.Run(features, regions, new ImageSize(7, 7), 0.25, samplingRatio: 2, aligned: false).Sum().Backward();
            },
            repetitions: 10);
    }

    private static (Tensor Features, Tensor Regions) Inputs()
    {
        RandomState.Seed(0);
        var features = Tensor.Rand([1, 256, 200, 200]);
        var (boxes, _) = RandomBoxes(512, 800);
        return (features, Aten.Cat([Tensor.Zeros([512, 1]), boxes], 1));
    }

    private static (Tensor Boxes, Tensor Scores) RandomBoxes(int count, int side)
    {
        RandomState.Seed(0);
        var corners = Tensor.Rand([count, 2]) * (side * 0.8);
        var sizes = Tensor.Rand([count, 2]) * (side * 0.2) + 1;
        return (Aten.Cat([corners, corners + sizes], 1), Tensor.Rand([count]));
    }
}
