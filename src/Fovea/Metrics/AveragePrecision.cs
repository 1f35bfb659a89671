namespace Fovea.Metrics;

/// <summary>How the average precision of a class is read off its precision-recall curve.</summary>
public enum AveragePrecisionRule
{
    /// <summary>Area under the curve made monotone from the right: PASCAL VOC from 2010 on.</summary>
    Area,

    /// <summary>Mean of the best precision at recall 0, 0.1 ... 1 or beyond: PASCAL VOC up to 2009.</summary>
    ElevenPoint,
}

/// <summary>Average precision of one precision-recall curve.</summary>
public static class AveragePrecision
{
    /// <summary>Reads the average precision off a curve.</summary>
    /// <param name="recall">Recall after each detection, best score first; never falling.</param>
    /// <param name="precision">Precision after each detection.</param>
    /// <param name="rule">Which definition.</param>
    /// <returns>0 to 1; 0 for an empty curve.</returns>
    public static double Compute(ReadOnlySpan<double> recall, ReadOnlySpan<double> precision, AveragePrecisionRule rule)
    {
        var envelope = precision.ToArray();
        for (var i = envelope.Length - 2; i >= 0; i--)
            envelope[i] = Math.Max(envelope[i], envelope[i + 1]);
        return rule == AveragePrecisionRule.ElevenPoint ? ElevenPoint(recall, envelope) : Area(recall, envelope);
    }

    private static double Area(ReadOnlySpan<double> recall, double[] envelope)
    {
        var (sum, before) = (0.0, 0.0);
        for (var i = 0; i < envelope.Length; i++)
        {
            sum += (recall[i] - before) * envelope[i];
            before = recall[i];
        }

        return sum;
    }

    private static double ElevenPoint(ReadOnlySpan<double> recall, double[] envelope)
    {
        var (sum, i) = (0.0, 0);
        for (var point = 0; point <= 10; point++)
        {
            while (i < recall.Length && recall[i] < point / 10.0)
                i++;
            if (i < recall.Length)
                sum += envelope[i];
        }

        return sum / 11;
    }
}
