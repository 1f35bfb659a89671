using System.Globalization;

namespace Fovea.Benchmarks;

/// <summary>Everything that is compared.</summary>
internal static class CaseList
{
    private static readonly string Root = Environment.GetEnvironmentVariable("FOVEA_HOME") ?? Directory.GetCurrentDirectory();
    private static readonly string Threads = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);

    // Batches that fit a small machine; sizes as published where it lets them be.
    private static readonly (string Model, int Batch, int Size)[] Networks =
    [
        ("resnet18", 16, 224), ("fasterrcnn_resnet50_fpn", 1, 480),
        ("alexnet", 16, 224), ("vgg16", 2, 224), ("resnet50", 8, 224), ("densenet121", 8, 224), ("inception_v3", 4, 299),
        ("unet", 2, 256), ("fcn_resnet50", 2, 256), ("deeplabv3_resnet50", 2, 256), ("enet", 4, 512), ("bisenet_resnet18", 4, 512),
    ];

    public static IEnumerable<Case> All()
    {
        yield return InProcessCase("small operation", "small_op", 1);
        yield return InProcessCase("nms 5000 boxes", "nms", 1);
        yield return InProcessCase("roi_align 512 regions forward", "roi_align", 1);
        yield return InProcessCase("roi_align 512 regions backward", "roi_align_backward", 1);
        foreach (var (model, batch, size) in Networks)
        {
            foreach (var mode in new[] { "train", "predict" })
            {
                yield return ModelCase(model, mode, "fp32", batch, size, goal: 1);
                yield return ModelCase(model, mode, "auto", batch, size, goal: 1 / 1.5);
            }
        }

        yield return ColdPrediction();
        yield return InProcessCase("loader, 224 px classification", "loader", 0.5);
        yield return InProcessCase("loader, 416 px detection", "loader_detection", 0.5);
        yield return InProcessCase("coco evaluation", "coco_eval", 0.1);
        yield return InProcessCase("confusion matrix, 2 maps 1024x2048", "confusion", 0.1);
        yield return InProcessCase("surface distances, masks 768x768", "surface", 0.1);
    }

    private static Case InProcessCase(string title, string name, double goal) =>
        new(title, ["dotnet", typeof(CaseList).Assembly.Location, "case", name], Python("cases.py", name), goal);

    // Python's side always runs in float32, which is what one gets there without asking.
    private static Case ModelCase(string model, string mode, string precision, int batch, int size, double goal)
    {
        var (b, s) = (batch.ToString(CultureInfo.InvariantCulture), size.ToString(CultureInfo.InvariantCulture));
        // How many regions a detector finds, and so how much it has to do, depends on its weights.
        var weights = model.Contains("rcnn", StringComparison.Ordinal) ? Path.Combine(Folder("weights"), $"{model}-{mode}.pth") : null;
        string[] given = weights is null ? [] : ["--weights", weights];
        return new Case(
            $"{model} {mode} {precision}",
            [Path.Combine(Root, "fovea"), "bench", mode, model, "--batch", b, "--size", s, "--precision", precision, "--threads", Threads, "--json", .. given],
            Python("models.py", mode, model, b, s),
            goal, Preparation: weights is null ? null : Python("models.py", mode, model, b, s, weights));
    }

    private static Case ColdPrediction()
    {
        var folder = Folder("cold");
        return new Case(
            "cold predict of one picture",
            [Path.Combine(Root, "fovea"), "predict", Path.Combine(folder, "weights.pth"), Path.Combine(folder, "image.jpg"), "--model", "resnet18"],
            Python("cold.py", "predict", folder),
            0.5, Wall: true, Preparation: Python("cold.py", "make", folder));
    }

    private static string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root, "build", name)).FullName;

    private static string[] Python(string script, params string[] arguments) =>
        [Environment.GetEnvironmentVariable("FOVEA_PYTHON") ?? "/usr/bin/python3", Path.Combine(Root, "benchmarks", "python", script), .. arguments];
}
