using System.Globalization;
using Fovea.Data;
using Fovea.Imaging;

namespace Fovea.Training.Recipes;

/// <summary>What keys of a recipe ask of one another.</summary>
internal static class RecipeChecks
{
    public static IEnumerable<(string Key, string Text)> Problems(Recipe recipe) =>
        [.. Loss(recipe.Loss), .. Optimizer(recipe.Optimizer), .. Schedule(recipe), .. Preprocessing(recipe.Preprocessing), .. Data(recipe.Data),
            .. Transforms("train", recipe.Transforms.Train), .. Transforms("eval", recipe.Transforms.Eval)];

    private static IEnumerable<(string Key, string Text)> Loss(IReadOnlyList<LossSection> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts.Take(i).Any(before => before.Name == parts[i].Name))
                yield return ($"loss.{i}.name", $"found '{RecipeShape.SnakeCase(parts[i].Name.ToString())}' twice, expected every loss once, with a weight");
        }
    }

    private static IEnumerable<(string Key, string Text)> Optimizer(OptimizerSection optimizer)
    {
        if (optimizer.Nesterov && (optimizer.Momentum <= 0 || optimizer.Dampening != 0))
            yield return ("optimizer.nesterov", "asks for a momentum above 0 and no dampening");
    }

    private static IEnumerable<(string Key, string Text)> Schedule(Recipe recipe)
    {
        var schedule = recipe.Schedule;
        if (schedule.WarmupEpochs > 0 && schedule.WarmupSteps > 0)
            yield return ("schedule.warmup_steps", "found beside warmup_epochs, expected one of the two");
        if (schedule.WarmupEpochs > recipe.Epochs)
            yield return ("schedule.warmup_epochs", string.Create(CultureInfo.InvariantCulture, $"found {schedule.WarmupEpochs}, expected at most the {recipe.Epochs} epochs of the run"));
        if (schedule.Name == ScheduleKind.MultiStep && schedule.Milestones.Count == 0)
            yield return ("schedule.milestones", "found none, expected the epochs at which the rate drops");
        if (schedule.Milestones.Zip(schedule.Milestones.Skip(1)).Any(static pair => pair.First >= pair.Second))
            yield return ("schedule.milestones", "found epochs out of order, expected them rising");
    }

    private static IEnumerable<(string Key, string Text)> Preprocessing(PreprocessingSection? preprocessing)
    {
        if (preprocessing is null)
            yield break;
        var rule = RecipeShape.SnakeCase(preprocessing.SizeRule.ToString());
        foreach (var (key, property) in RecipeShape.Keys(typeof(PreprocessingSection)))
        {
            if (property.PropertyType == typeof(int?) && RecipeShape.Applies(property, preprocessing) && property.GetValue(preprocessing) is null)
                yield return ($"preprocessing.{key}", $"found nothing, expected the pixels that size_rule: {rule} asks for");
        }

        if (preprocessing.LongerSide < preprocessing.ShorterSide)
            yield return ("preprocessing.longer_side", $"found {preprocessing.LongerSide}, expected at least the shorter side, {preprocessing.ShorterSide}");
        if (preprocessing.Channels == ImageChannels.Unchanged)
            yield return ("preprocessing.channels", "found 'unchanged', expected rgb or grey");
        var channels = preprocessing.Channels == ImageChannels.Grey ? 1 : 3;
        if (preprocessing.BlueFirst && channels != 3)
            yield return ("preprocessing.blue_first", "found true, expected it for rgb alone");
        foreach (var (key, count) in new[] { ("mean", preprocessing.Mean.Count), ("std", preprocessing.Std.Count) })
        {
            if (count != channels)
                yield return ($"preprocessing.{key}", $"found {count} numbers, expected {channels} for {RecipeShape.SnakeCase(preprocessing.Channels.ToString())}");
        }
    }

    private static IEnumerable<(string Key, string Text)> Data(DataSection data)
    {
        if (data.Format is { } format && !DatasetFormatNames.All.Contains(format))
            yield return ("data.format", $"found '{format}', expected one of {string.Join(", ", DatasetFormatNames.All)}{NearestName.Suggest(format, DatasetFormatNames.All)}");
        foreach (var name in (data.Classes ?? []).GroupBy(static name => name, StringComparer.Ordinal).Where(static group => group.Count() > 1))
            yield return ("data.classes", $"found '{name.Key}' twice, expected every class once");
    }

    private static IEnumerable<(string Key, string Text)> Transforms(string pipeline, IReadOnlyList<TransformStep> steps)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (Fault(steps[i]) is { } fault)
                yield return ($"transforms.{pipeline}.{i}", fault);
        }
    }

    private static string? Fault(TransformStep step)
    {
        try
        {
            TransformBuilder.Create([step]);
            return null;
        }
        catch (FoveaException e)
        {
            // The inner one lacks the place, which the caller puts before it.
            return (e.InnerException ?? e).Message;
        }
    }
}
