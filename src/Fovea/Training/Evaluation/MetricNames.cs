namespace Fovea.Training;

/// <summary>What the names of figures mean.</summary>
public static class MetricNames
{
    /// <summary>The usual figure of a task.</summary>
    public static string Usual(ModelTask task) => task switch
    {
        ModelTask.Classification => "top1",
        ModelTask.Detection => "box_ap50",
        ModelTask.Instance => "mask_ap50",
        _ => "mean_iu",
    };

    /// <summary>The figures of an evaluation that say most: those of small, medium and large objects, of recalls, and parts of losses are left out.</summary>
    public static IEnumerable<string> Telling(IEnumerable<string> names) => names.Where(static name =>
        !name.Contains('.', StringComparison.Ordinal) && !name.Contains("_ar", StringComparison.Ordinal)
        && !name.EndsWith("_small", StringComparison.Ordinal) && !name.EndsWith("_medium", StringComparison.Ordinal) && !name.EndsWith("_large", StringComparison.Ordinal));

    /// <summary>Whether a smaller value is better: losses.</summary>
    public static bool LowerIsBetter(string name) => name.Contains("loss", StringComparison.Ordinal);

    /// <summary>A term of the loss without what all terms begin with: "loss.loss_box_reg" is "box reg".</summary>
    public static string Term(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var term = dot >= 0 ? name[(dot + 1)..] : name;
        return (term.StartsWith("loss_", StringComparison.Ordinal) ? term["loss_".Length..] : term).Replace('_', ' ');
    }

    /// <summary>The name as a person says it: "box AP50", "mean IU", "top-1".</summary>
    public static string Spoken(string name) => name switch
    {
        "top1" => "top-1 accuracy",
        "top5" => "top-5 accuracy",
        "mean_iu" => "mean IoU",
        "loss" => "validation loss",
        "f1" => "F1",
        "fw_iu" => "frequency-weighted IoU",
        _ => string.Join(' ', name.Split('_').Select(static word => word is ['a', 'p' or 'r', ..] && word.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0 ? word.ToUpperInvariant() : word)),
    };
}
