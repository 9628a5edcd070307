/** Which prior may supply what was not measured, whether it is made for such scans, and under which licence. */
import { useEffect, useState } from 'react';
import type { CallOutput } from '../../main/host/api/api.ts';
import { host } from '../app/session.ts';
import { Notice } from '../components/notice.tsx';
import { Select } from '../components/select.tsx';
import type { ChoiceProps } from './method-choice.tsx';

type Card = CallOutput<'catalogue.priors'>['priors'][number];

/** What a card says about the scans it is for. */
export function fitNote(card: Card, ct: boolean): { text: string; fits: boolean } {
  const wanted = ct ? 'ct' : 'mri';
  const fits = card.modality === 'any' || card.modality.toLowerCase() === wanted;
  const intended = card.facts.find(({ name }) => /intended use/i.test(name))?.value;
  if (!fits) return { fits, text: `Made for ${card.modality || 'other'} images, not for ${ct ? 'CT' : 'MRI'}.` };
  return { fits, text: intended ?? card.summary };
}

export function PriorChoice({ draft, methods, change, ct }: ChoiceProps & { ct: boolean }) {
  const [cards, setCards] = useState<readonly Card[]>([]);
  useEffect(() => {
    let current = true;
    host()
      .call('catalogue.priors', {})
      .then(
        ({ priors }) => {
          if (current) setCards(priors);
        },
        // Names are enough to choose from.
        () => {},
      );
    return () => {
      current = false;
    };
  }, []);
  if (methods.methods.find(({ id }) => id === draft.method)?.usesPrior !== true) return null;
  if (methods.priors.length === 0)
    return (
      <Notice tone="warning" title="No prior for such scans is installed">
        Import one in the Priors panel, or choose a method that uses none.
      </Notice>
    );
  const card = cards.find(({ name }) => name === draft.prior);
  const note = card === undefined ? undefined : fitNote(card, ct);
  return (
    <>
      <Select
        label="Prior"
        options={methods.priors.map((name) => {
          const one = cards.find((other) => other.name === name);
          return { id: name, title: one?.title ?? name, summary: one?.summary ?? '' };
        })}
        value={draft.prior}
        onChange={(prior) => change({ prior })}
        {...(note?.fits === true ? { help: note.text } : {})}
      />
      {note?.fits === false && <Notice tone="warning">{note.text}</Notice>}
      {card !== undefined && !card.licenceKnown && (
        <Notice tone="warning" title="Licence not stated">
          Find out under which terms these weights may be used before you share a result made with them.
        </Notice>
      )}
    </>
  );
}
