namespace Fovea.Training;

/// <summary>What the names of figures mean.</summary>
public static class MetricNames
{
    /// <summary>The usual figure of a task.</summary>
    public static string Usual(ModelTask task) => task switch
    {
        ModelTask.Classification => "top1",
        ModelTask.MultiLabel => "ap",
        ModelTask.Detection => "box_ap50",
        ModelTask.Instance => "mask_ap50",
        _ => "mean_iu",
    };

    /// <summary>The figures of an evaluation that say most: those of small, medium and large objects, of recalls, and parts of losses are left out.</summary>
    public static IEnumerable<string> Telling(IEnumerable<string> names) => names.Where(static name =>
        !name.Contains('.', StringComparison.Ordinal) && !name.Contains("_ar", StringComparison.Ordinal)
        && !name.EndsWith("_small", StringComparison.Ordinal) && !name.EndsWith("_medium", StringComparison.Ordinal) && !name.EndsWith("_large", StringComparison.Ordinal));

    /// <summary>Whether a smaller value is better: losses, errors, distances, splits and mergers.</summary>
    public static bool LowerIsBetter(string name) => name.Contains("loss", StringComparison.Ordinal) || name.EndsWith("_error", StringComparison.Ordinal)
        || name is "ece" or "mce" or "hd" or "hd95" or "hd95_pooled" or "asd" or "assd" or "assd_mean" or "splits" or "mergers";

    /// <summary>Whether terms of a loss say more than their sum: there are several, or the one has a name.</summary>
    internal static bool AreTelling(IReadOnlyCollection<KeyValuePair<string, double>> terms) => terms.Count > 1 || terms.Any(static term => term.Key != "loss");

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
        "mean_iu" => "mean IoU",
        "loss" => "validation loss",
        "f1" => "F1",
        "f1_micro" => "F1, all pairs",
        "f1_samples" => "F1, by image",
        "fw_iu" => "frequency-weighted IoU",
        "iou_per_image" => "IoU per image",
        "dice_per_image" => "Dice per image",
        "auc" => "AUC",
        "ap" => "AP",
        "ece" => "ECE",
        "mce" => "MCE",
        "boundary_f1" => "boundary F1",
        "hd" or "hd95" or "asd" or "assd" or "seg" => name.ToUpperInvariant(),
        "v_rand" or "v_info" => $"V{name[1..]}",
        "v_rand_thinned" or "v_info_thinned" => $"V{name[1..6]}, borders thinned",
        "hd95_pooled" => "HD95, pooled",
        "assd_mean" => "ASSD, mean of means",
        _ when name.StartsWith("top", StringComparison.Ordinal) && name.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0 => $"top-{name[3..]} accuracy",
        _ => string.Join(' ', name.Split('_').Select(static word => word is ['a', 'p' or 'r', ..] && word.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0 ? word.ToUpperInvariant() : word)),
    };
}
