using Fovea.Models;

namespace Fovea.Training;

/// <summary>The epochs of a stage.</summary>
/// <param name="Number">Number of the stage, from 0.</param>
/// <param name="First">Its first epoch, from 0.</param>
/// <param name="Epochs">How many there are.</param>
/// <param name="Settings">What the recipe says about it.</param>
internal sealed record StageSpan(int Number, int First, int Epochs, StageSection Settings)
{
    /// <summary>The stages of a recipe; a recipe without any is one stage.</summary>
    public static IReadOnlyList<StageSpan> Of(Recipe recipe)
    {
        var spans = new List<StageSpan>();
        foreach (var settings in recipe.Stages.DefaultIfEmpty(new StageSection()))
        {
            var first = spans.Count == 0 ? 0 : spans[^1].First + spans[^1].Epochs;
            spans.Add(new StageSpan(spans.Count, first, settings.Epochs ?? recipe.Epochs - first, settings));
        }

        return spans;
    }

    /// <summary>How the learning rate moves within the stage.</summary>
    public ScheduleSection Schedule(Recipe recipe) => Settings.Schedule ?? recipe.Schedule;

    /// <summary>What should be known about the course of the learning rate, or null.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="stepsPerEpoch">Steps of the optimizer in an epoch.</param>
    public string? Remark(Recipe recipe, int stepsPerEpoch)
    {
        var (warmup, steps) = (Schedule(recipe).WarmupSteps, (long)Epochs * stepsPerEpoch);
        return warmup <= steps ? null : FormattableString.Invariant(
            $"warm-up takes {Counted.Of(warmup, "step")}, and {(recipe.Stages.Count > 1 ? $"stage {Number + 1}" : "the run")} has only {steps}: the learning rate never gets to {recipe.Optimizer.LearningRate * Settings.LearningRateFactor:G6}; give it fewer (schedule.warmup_steps) or train longer");
    }

    /// <summary>Sets which parameters take part.</summary>
    /// <exception cref="FoveaException">A pattern fits no parameter.</exception>
    public void Choose(VisionModel model, Recipe recipe)
    {
        var names = model.NamedParameters().Select(static p => p.Key).ToList();
        var frozen = NamePattern.Select(names, recipe.Freeze, "freeze").ToHashSet(StringComparer.Ordinal);
        var trained = Settings.Train is { } patterns ? NamePattern.Select(names, patterns, $"stages.{Number}.train").ToHashSet(StringComparer.Ordinal) : null;
        foreach (var (name, parameter) in model.NamedParameters())
            parameter.RequiresGrad = !frozen.Contains(name) && trained?.Contains(name) != false;
    }
}
