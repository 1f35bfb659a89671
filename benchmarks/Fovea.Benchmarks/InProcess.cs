using Fovea.Benchmarks.Cases;

namespace Fovea.Benchmarks;

/// <summary>The cases that this program measures itself; each has its twin in <c>python/cases.py</c>.</summary>
internal static class InProcess
{
    private static readonly Dictionary<string, Action> Cases = new()
    {
        ["small_op"] = SmallOperation.Measure,
        ["nms"] = VisionOperators.MeasureNms,
        ["roi_align"] = VisionOperators.MeasureRoiAlign,
        ["roi_align_backward"] = VisionOperators.MeasureRoiAlignBackward,
        ["loader"] = LoaderThroughput.MeasureClassification,
        ["loader_detection"] = LoaderThroughput.MeasureDetection,
        ["coco_eval"] = CocoEvaluation.Measure,
        ["confusion"] = SegmentationEvaluation.MeasureConfusion,
        ["surface"] = SegmentationEvaluation.MeasureSurface,
    };

    public static void Run(string name) => Cases[name]();
}
