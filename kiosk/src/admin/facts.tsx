import { Fragment } from 'preact';
import { texts } from './messages/texts.ts';

/** Some facts in one line. Each keeps its own direction: a path is read from left to right in Urdu, too. */
export function Facts({ facts }: { facts: readonly string[] }) {
  return (
    <>
      {facts.map((fact, at) => (
        <Fragment key={fact}>
          {at > 0 && texts.comma}
          <bdi>{fact}</bdi>
        </Fragment>
      ))}
    </>
  );
}
